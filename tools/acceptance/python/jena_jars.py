"""The class path of Debian's Jena, whose package looks for the resources of Xerces where they are not."""

import zipfile
from pathlib import Path

JARS = Path("/usr/share/java")
LOGGING = ("slf4j-", "log4j", "logback", "jcl-over", "jul-to")


def find_version(name):
    """Return the version of a part of Jena, such as arq; empty if libapache-jena-java is not installed."""
    return next((jar.stem.removeprefix(f"jena-{name}-") for jar in JARS.glob(f"jena-{name}-[0-9]*.jar")), "")


def unpack(place):
    """Unpack the resources to a folder, and return the class path."""
    for jar in JARS.glob("jena-core-*.jar"):
        with zipfile.ZipFile(jar) as packed:
            for name in packed.namelist():
                if name.startswith("org/apache/jena/ext/xerces/") and name.endswith((".properties", ".xml")):
                    target = Path(place, name.removeprefix("org/apache/jena/ext/"))
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(packed.read(name))
    needed = {"slf4j-api.jar", "slf4j-nop.jar"}
    chosen = [str(jar) for jar in JARS.glob("*.jar") if jar.name in needed or not jar.name.startswith(LOGGING)]
    return [str(place), *chosen]
