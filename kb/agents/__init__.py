"""Tools for assistants and agents, which ``kb mcp`` offers over the Model Context Protocol.

::

    knowledge_tools  what each tool does: search, questions, SPARQL, evidence, quotes, proposals
    answer_pages     answers in pages of a bounded size, with texts of documents marked as data
    mcp_server       the tools over MCP: standard input and output, or HTTP on this machine
"""
