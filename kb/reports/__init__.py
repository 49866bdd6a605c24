"""Read-only reports: a term, statistics, coverage, and differences between versions.

::

    show           everything about one term
    coverage       the decision on every sentence
    heatmap        coverage as an HTML page
    diff           compares two versions
    diff_markdown  a difference as a comment on a pull request
    history        when a record was added and changed, and by whom, from git
    versions       reads versions from folders, releases, files or git revisions
    changed_files  the files of records in which two versions differ
"""
