"""Reads the files of a knowledge base into records, with the place of every value, and resolves records into the model.

::

    folder        the files of a knowledge base, the records in each of them, and how they are changed
    unread_files  files and folders that nothing reads
    strict_yaml   YAML 1.2 into values with places
    yaml_errors   the mistakes in YAML that cannot be parsed
    strict_json   JSON into values with places
    jsonlines     lines of JSON Lines and rows of Parquet, fast or strictly
    parquet       rows of Parquet as lines of JSON
    sssom         rows of SSSOM TSV
    resolve       records into values of the model

Only plain data is read: no tags, aliases or duplicate keys, and within limits of size and depth. What cannot be read becomes
a problem, and the rest is read.
"""
