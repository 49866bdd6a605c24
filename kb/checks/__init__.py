"""VALIDATE: each rule is a small generator of problems; none raises, none prints.

``schema`` holds one record against its JSON Schema, and ``explain`` puts what it refuses into words; ``identifiers`` asks
whether IRIs and language tags are ones, ``references`` holds records against each other, ``documents`` a document against
itself, ``labels`` words against look-alikes, ``shacl`` the compiled graph against its shapes.
"""
