"""Attacks on the anonymity of a round by somebody who holds every stored copy (docs/anonymity.md says what this proves)."""
