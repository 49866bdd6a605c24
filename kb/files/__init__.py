"""Read and write files safely.

::

    atomic        writes files and folders atomically
    locks         locks between processes
    text_file     reads files that users name
    compression   gzip and Zstandard
    sorting       external merge sort
    cache_folder  files of caches
    fingerprint   fingerprints of content, code and libraries
"""
