"""Reads the files of a knowledge base into records, with the place of every value, and resolves records into the model.

::

    folder.py       the files of a knowledge base, and the records in each of them
    strict_yaml.py  YAML 1.2 into values with places
    strict_json.py  JSON into values with places
    jsonlines.py    lines of JSON Lines and rows of Parquet, fast or strictly
    parquet.py      rows of Parquet as lines of JSON
    sssom.py        rows of SSSOM TSV
    numbers.py      numbers that can be kept exactly
    characters.py   characters that no string of a record may hold
    resolve.py      records into values of the model

Only plain data is read: no tags, aliases or duplicate keys, and within limits of size and depth. What cannot be read becomes
a problem, and the rest is read.
"""
