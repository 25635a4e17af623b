"""The investigator's phone: today's list and a unit's card."""
