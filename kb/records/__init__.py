"""LOAD: the files of a knowledge base, read into records with the place of every value.

Reads YAML 1.2, JSON, JSON Lines and SSSOM TSV, and nothing but plain data: no tags, no aliases, no
duplicate keys, with limits on size and depth. What cannot be read becomes a problem; the rest is read on.
"""
