"""Frames of any length, township by township."""
