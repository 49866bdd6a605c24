"""Read-only reports: a term, statistics, coverage, and differences between versions."""
