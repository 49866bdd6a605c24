"""Faults, signals and kills at every call with which a command changes files."""
