"""VALIDATE: each rule is a small generator of problems; none raises, none prints.

``schema`` holds one record against its JSON Schema, ``references`` records against each other,
``documents`` a document against itself, ``labels`` words against look-alikes, ``shacl`` the compiled graph
against its shapes.
"""
