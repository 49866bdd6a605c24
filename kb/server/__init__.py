"""Serve a knowledge base: the SPARQL 1.1 Protocol, linked data, and pages.

::

    serve                starts the server: opens the socket, gives up the network, loads the dataset
    settings             the limits, the other settings, and the HTTP status of each problem
    messages             what HTTP workers and query processes send to each other
    served_dataset       the details of the dataset that workers receive at startup, and the description of the service
    queue                a queue in which clients that used little lately come first
    http                 reads what clients send, and never opens the store
    processes            holds the store, and never reads what clients send
"""
