"""What schemas and packages define: the vocabulary of facts, units, the names of the Biolink Model, open licences.

::

    vocabulary    the vocabulary in use: kinds, qualifiers, lists and their schemas
    composition   makes schemas and context of packages and own words
    units         units of measure
    licences      licences by the names that texts give them
    biolink       the names of the Biolink Model
"""
