"""UPLOAD: graphs into running stores, and the proof that they arrived.

``profiles`` is the one table of stores; ``client`` speaks HTTP; ``credentials``
finds secrets and keeps them out of sight; ``comparison`` tells whether two graphs are the same; ``transfer`` replaces one
graph and proves it; ``push`` does so for a whole knowledge base.
"""
