"""SERVE: the SPARQL 1.1 protocol, linked data and pages for people, from a process that reads nothing but the dataset.

One quiet process holds the dataset and forks (``holder``); each query is answered by a child of its own with limits
(``answerer``); the web is spoken by other processes, which never open the store (``front``, ``app``).
"""
