"""``kb verify``, ``kb cite`` and ``kb quote-check``: records, facts and quotes compared with texts.

::

    verify          kb verify from start to end
    run             compares every document, sentence, fact and qualifier with the texts, and counts them
    drift           what became of the sentences of a record in a text
    claims          whether the sentences of a fact state what it claims
    cues            the words that express values of qualifiers, by language
    apply           writes new positions of sentences into the records
    result_files    records the results in verification/
    cite            checks quotes, and writes the evidence to paste
    quote_requests  reads quotes in bulk
"""
