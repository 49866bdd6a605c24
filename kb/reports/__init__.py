"""Read-only reports: a term, statistics, coverage, and differences between versions.

::

    show           everything about one term
    statistics     counts
    coverage       the decision on every sentence
    heatmap        coverage as an HTML page
    diff           compares two versions
    versions       reads versions from folders, releases, files or git revisions
    changed_files  the files of records in which two versions differ
"""
