"""Real clients, run on a fresh release: ``make acceptance``."""
