"""Releases and folders of exports: data, metadata, checks, and redirects for persistent IRIs.

::

    making         makes a release: the registry of its parts
    checking       checks a release
    requirements   what facts can be required to be
    lineage        what a release says of itself, and which may follow it
    signatures     signatures by SSH keys
    draft          the files of a release or folder, with description, size and digest
    export_folder  folders of exports
    content        the data of a release
    losses         what an RDF export omits
    changes        CHANGELOG.md
    details        the details that all metadata files share
    dictionary     what the columns of tables mean
    descriptions   the descriptions for programs and people, by templates
    dcat           DCAT and VoID
    redirects      redirects for persistent IRIs
    leaks          searches a release for texts that must not ship
"""
