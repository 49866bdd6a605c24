"""Read and write files safely.

``text_file`` reads files that users name; ``atomic`` writes files and folders; ``locks`` locks them between processes;
``cache_folder`` writes and prunes caches; ``fingerprint`` computes their keys; ``compression`` reads and writes gzip and
Zstandard; ``sorting`` sorts more lines than memory holds.
"""
