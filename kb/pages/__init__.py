"""Pages about a knowledge base, for ``kb serve`` and for ``kb site``, and pictures of facts.

What a page shows is read from the dataset by look-ups and queries, becomes plain values with links, and is written by a template.
A server and a site differ in their links alone.

::

    links              the address of every thing
    thing_description  everything that a store states about one thing
    page_graph         these statements by subject and property, and facts as values
    things             the page of a term, predicate, sentence, fact or mapping, and of the vocabulary
    home               the home page
    reading_view       the page of a document, with the state and the facts of every sentence
    search             search by names and identifiers
    questions          named questions: their forms, and their description in OpenAPI
    answers            answers to queries
    citations          how to cite the knowledge base, or a fact
    chains             facts that lead on from one to the other
    pictures           claims as a graph in SVG, Mermaid and DOT, and numbers as bars
    vocabulary_names   the names of vocabularies by prefix
    rendering          the templates
"""
