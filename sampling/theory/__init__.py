"""Exact probabilities of first and second order, and whole sampling distributions."""
