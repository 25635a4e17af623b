"""Sample sizes, margins of error, and designs side by side."""
