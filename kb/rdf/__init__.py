"""COMPILE: values of the model in, quads out; one pure step per value, no blank nodes.

``facts`` is the step that runs on one fact and on a million; ``vocabulary``, ``documents`` and ``dataset``
do the rest; ``ontology`` says what the words of the vocabulary mean.
"""
