"""Static sites: the pages of :mod:`kb.pages` as files, which work from any folder and without a server.

::

    site_links   the addresses of things as paths relative to a page
    site_source  the statements of the knowledge base, and answers to queries about them
    site_releases  the files of releases
    site_search  what the search in the browser looks up
    site_pages   the pages and files of a site
    site_folder  writes the files that changed, and the workflow for GitHub Pages
"""
