"""The texts of documents: normal form, blocks, sentences and quotes.

::

    normal_form        reads a file into its normal form, whose code points all positions count
    blocks             the blocks of a text, which no sentence crosses
    plain_text         finds the blocks of plain text
    markup             finds the blocks and the visible text of Markdown and HTML
    sentence_splitter  divides blocks into numbered sentences
    sources            finds the available texts: those that ship, and those that the user names
    normalisation      the normalisation under which words are compared
    indexed_text       a text indexed for quotes, and where quotes stand
    quotes             finds a quote, or refuses it with a reason
    quote_errors       explains why a quote that does not occur is refused
    lookalikes         characters that look like others

``sources.texts`` returns the available texts of a knowledge base. ``text.words[sentence.start : sentence.end]`` is the text
of a sentence.
"""
