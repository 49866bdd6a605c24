"""The work of the pipeline in bounded memory, by one process or many.

A *piece* is a file, or a range of a large file of JSON Lines. A *part* holds the values of one piece, sorted, and its problems.
Parts depend on their piece alone, so that they can be made by several processes, and cached. Facts and documents are then
merged from all parts in the order of their names, and joined.

::

    step         what is done to one record, one fact and one document
    chunks       cuts files into pieces
    parts        reads a piece into a part
    part_cache   the cache of parts, for files that have not changed
    sorted_runs  sorted values in memory or in a file, and their merge
    reading      reads all pieces; a knowledge base in memory, or a sample of it
    imports      terms and predicates of other knowledge bases
    joining      pairs documents with their facts, checks them, and computes their digests
    refusals     explains what was refused
    writing      compiles a checked knowledge base
    workers      processes that share work
"""
