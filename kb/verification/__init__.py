"""``kb verify``, ``kb cite`` and ``kb quote-check``: records, facts and quotes compared with texts.

::

    verify.py          kb verify from start to end
    run.py             compares every document, sentence, fact and qualifier with the texts, and counts them
    drift.py           what became of the sentences of a record in a text
    claims.py          whether the sentences of a fact state what it claims
    cues.py            the words that express values of qualifiers, by language
    apply.py           writes new positions of sentences into the records
    result_files.py    records the results in verification/
    cite.py            checks quotes, and writes the evidence to paste
    quote_requests.py  reads quotes in bulk
"""
