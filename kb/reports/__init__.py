"""Read-only reports: a term, statistics, coverage, and differences between versions.

::

    show        everything about one term
    statistics  counts
    coverage    the decision on every sentence
    heatmap     coverage as an HTML page
    diff        compares two versions
    versions    reads a version from a folder, release, file or git revision
"""
