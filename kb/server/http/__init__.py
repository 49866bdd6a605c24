"""Speak HTTP: parse requests and send responses, without ever opening the store.

::

    app              middleware, routes, and reports of problems
    worker           the process that speaks HTTP, and its connections, with limits on slow clients
    request_gate     checks the sizes of requests before they are parsed
    gateway          passes queries to the supervisor, and long work to other processes
    negotiation      chooses the format of a response
    sparql_endpoint  queries with a cache of answers, service description, query page, graphs
    linked_data      IRIs, vocabulary and search, as pages and as RDF
    named_questions  named questions, each at an address of its own
    signposts        links of things and of files of releases, for machines
    responses        problems as responses, entity tags, caching and bodies
    quota            how much each client may request, and how much memory its requests may take
"""
