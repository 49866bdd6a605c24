"""Builds on Apache Spark, and the edge table that they write.

::

    spark    runs a build on Spark
    shards   what the workers do, as plain functions of the local build
    staging  copies input to where workers can read it
    hadoop   the output folder, on any file system of Hadoop
    edges    the edge table, and SQL queries over it
"""
