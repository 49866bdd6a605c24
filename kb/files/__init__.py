"""Read and write files safely.

::

    atomic        writes files and folders atomically
    journal       replaces several files of a folder together
    durability    flushes files to disk, and holds signals meanwhile
    edits         files that somebody has changed since they were read
    temporary     temporary files and folders, also those of killed processes
    locks         locks between processes
    boundary      opens and lists files, within a knowledge base where they lie in one
    text_file     reads files up to a limit, as text
    compression   gzip and Zstandard
    sorting       external merge sort
    cache_folder  files of caches
    fingerprint   fingerprints of content, code and libraries
"""
