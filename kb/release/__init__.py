"""Releases and folders of exports: data, metadata, checks, and redirects for persistent IRIs.

::

    making         makes a release
    checking       checks a release
    manifest       the registry of the parts of a release
    draft          the files of a release or folder, with description, size and digest
    export_folder  folders of exports
    content        the data of a release
    losses         what an RDF export omits
    changes        CHANGELOG.md
    details        the details that all metadata files share
    cards          README, LICENSE and CITATION.cff
    dcat           DCAT and VoID
    croissant      Croissant
    datapackage    Data Package
    rocrate        RO-Crate
    registries     DataCite, Zenodo and schema.org
    redirects      redirects for persistent IRIs
    leaks          searches a release for texts that must not ship
"""
