"""Import tables of pairs, such as drugs and their effects, as facts with evidence.

``table`` is the import; ``rows`` reads tables; ``frequencies`` and ``table_terms`` resolve their cells; ``table_records`` writes
the records.
"""
