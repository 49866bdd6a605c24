"""Read and write files safely.

::

    atomic        writes files and folders atomically
    journal       replaces several files of a folder together, unless somebody has edited them
    durability    flushes files to disk, and holds signals meanwhile
    temporary     temporary files and folders, also those of killed processes
    locks         locks between processes
    boundary      opens and lists files, within a knowledge base where they lie in one
    text_file     reads files up to a limit, as text
    characters    characters that no string of a record may hold
    compression   gzip and Zstandard
    sorting       external merge sort
    cache_folder  files of caches
    fingerprint   fingerprints of content, code and libraries
"""
