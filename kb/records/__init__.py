"""Reads the files of a knowledge base into records, with the place of every value, and resolves records into the model.

::

    folder       the files of a knowledge base, and the records in each of them
    strict_yaml  YAML 1.2 into values with places
    strict_json  JSON into values with places
    jsonlines    lines of JSON Lines and rows of Parquet, fast or strictly
    parquet      rows of Parquet as lines of JSON
    sssom        rows of SSSOM TSV
    numbers      numbers that can be kept exactly
    characters   characters that no string of a record may hold
    resolve      records into values of the model
    record_writer  writes files of records

Only plain data is read: no tags, aliases or duplicate keys, and within limits of size and depth. What cannot be read becomes
a problem, and the rest is read.
"""
