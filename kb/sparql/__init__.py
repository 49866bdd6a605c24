"""QUERY: named queries, the binding of their parameters, safe running, and the formats of results."""
