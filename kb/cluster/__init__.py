"""SCALE OUT: tables of millions of rows into records, and the line on many machines.

Nothing here compiles facts by itself: what is read becomes records, and records go through the one step of the line.
"""
