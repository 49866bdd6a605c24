"""Open the store and answer queries in child processes, which never parse HTTP.

::

    supervisor      holds the dataset open, and forks all other processes
    query_process   answers one request
    loaded_dataset  opens the dataset, and counts what it contains
"""
