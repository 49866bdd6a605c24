"""Open licences."""

#: Licences under which a text ships with the records: SPDX identifier to IRI.
OPEN_LICENCES = {
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "PDDL-1.0": "https://opendatacommons.org/licenses/pddl/1-0/",
    "ODC-By-1.0": "https://opendatacommons.org/licenses/by/1-0/",
    **{
        f"CC-{name}-{version}": f"https://creativecommons.org/licenses/{name.lower()}/{version}/"
        for name in ("BY", "BY-SA")
        for version in ("2.0", "2.5", "3.0", "4.0")
    },
}
