"""Read-only views of a knowledge base: all about a term, statistics, coverage, differences between versions."""
