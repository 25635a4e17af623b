"""How many of a sample go to each stratum."""
