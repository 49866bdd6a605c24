"""TEXTS: the words of documents, where they are at hand.

::

    reading.py     a file into its normal form, whose code points every position counts
    plain.py       what is a heading, a paragraph, an item or a row in plain text
    markup.py      the same for Markdown and HTML
    splitting.py   blocks into numbered sentences
    shelf.py       the texts at hand: those that ship, and those that the user names
    words.py       the one normalisation under which words are compared
    quotes.py      where a quote stands, or why it is refused

The room knows the model and nothing of records, checks or graphs. ``shelf.texts`` gives the texts at hand of a
knowledge base, and ``Text.words[sentence.start:sentence.end]`` is the text of a sentence.
"""
