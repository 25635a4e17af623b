"""Figures of speed as ratios to a plain baseline in the same run."""
