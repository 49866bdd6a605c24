"""Speak HTTP: read what clients send, and never open the store."""
