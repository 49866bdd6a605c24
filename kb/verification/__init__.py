"""VERIFY: records held against the texts that they speak of.

::

    evidence.py   does a sentence carry what a fact says it states: labels, cue words, negations, hedges
    cues.py       the words that tell a qualifier's value, by language: data of the schemas and of a knowledge base
    drift.py      which sentences of a record moved, changed, were parted, joined or lost in a text
    citing.py     quotes of people and programs, one or many, and the evidence to paste
    running.py    every document, sentence, fact and qualifier held against the texts, and counted
    accepting.py  where sentences stand now, taken over into the records
    results.py    what was verified, kept apart from what curators write
    whole.py      ``kb verify`` from start to end
"""
