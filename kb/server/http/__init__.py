"""Speak HTTP: parse requests and send responses, without ever opening the store.

::

    app              routes requests, and reports problems
    worker           the process that speaks HTTP, and its connections, with limits on slow clients
    connections      which connections stay open when there are too many
    request_gate     checks the sizes of requests before they are parsed
    work_process     work that takes long, in another process
    middleware       rate limit, host check, security headers, time limit, access log
    gateway          passes queries to the supervisor
    protocol         reads requests of the SPARQL Protocol
    body_memory      how much memory bodies of requests take
    negotiation      chooses the format of a response
    sparql_endpoint  queries, service description, query page, graphs
    linked_data      IRIs, vocabulary and search, as pages and as RDF
    pages            the content of pages
    templates        HTML templates
    responses        entity tags, caching and bodies
    response_cache   the cache of responses
    rate_limit       how much each client may request
    errors           problems as HTTP responses
"""
