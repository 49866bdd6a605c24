"""Turn tables and other people's formats into records."""
