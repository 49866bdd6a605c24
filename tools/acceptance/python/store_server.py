"""What the checks of stores with a SPARQL endpoint share."""

import json
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from pathlib import Path

import store_job


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def start(command, address, folder):
    """Start a server and wait until it answers."""
    with Path(folder, "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            break
        except OSError:
            time.sleep(0.1)
    return process


def ask(endpoint, question):
    """Ask an endpoint a question; graphs come as N-Triples."""
    accept = "text/plain" if question["columns"] == ["subject", "predicate", "object"] else "application/sparql-results+json"
    data = urllib.parse.urlencode({"query": question["text"]}).encode()
    accept = "application/n-triples, text/plain;q=0.5" if accept == "text/plain" else accept
    with urllib.request.urlopen(urllib.request.Request(endpoint, data, {"Accept": accept}), timeout=300) as response:
        body = response.read()
    if accept.startswith("application/n"):
        import pyoxigraph as ox

        return {(t.subject.value, t.predicate.value, t.object.value) for t in ox.parse(body, format=ox.RdfFormat.N_TRIPLES)}
    rows = json.loads(body)["results"]["bindings"]
    return [store_job.pick(question, {name: cell["value"] for name, cell in row.items()}) for row in rows]
