"""The selection: lists, strata, stages, methods on many lists at once, reserves, probabilities."""
