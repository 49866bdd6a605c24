"""Push graphs to running stores, and verify that they arrived.

::

    profiles      the table of stores
    credentials   finds secrets, and keeps them out of messages
    remote_store  counts, reads, replaces and removes graphs of a store
    comparison    compares two graphs by statement and by value
    transfer      pushes a knowledge base: replaces each graph, and verifies it
"""
