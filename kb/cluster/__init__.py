"""Builds on Apache Spark, and the edge table that they write.

::

    spark    runs a build on Spark
    shards   what the workers do, as plain functions of the local build
    hadoop   the output folder, and copies of the input, on any file system of Hadoop
    edges    the edge table, and SQL queries over it
"""
