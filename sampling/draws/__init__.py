"""A draw: its sample, its record, its three files, and their proof."""
