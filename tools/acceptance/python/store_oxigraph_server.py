"""The Oxigraph server, loaded and started as the README of the release says."""

import json
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import store_job
import store_server

PROGRAM = str(Path(sys.executable).with_name("oxigraph"))
running = []
try:
    with tempfile.TemporaryDirectory() as place:

        def load(case):
            store = f"{place}/{len(running)}"
            for path in case["files"]:
                subprocess.run([PROGRAM, "load", "--location", store, "--file", path], check=True, capture_output=True)
            port = store_server.free_port()
            command = [PROGRAM, "serve", "--location", store, "--union-default-graph", "--bind", f"127.0.0.1:{port}"]
            running.append(store_server.start(command, f"http://127.0.0.1:{port}", place))
            return partial(store_server.ask, f"http://127.0.0.1:{port}/query")

        if Path(PROGRAM).exists():
            version = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
            store_job.run(version, load)
        else:
            print(json.dumps({"skip": "the Oxigraph server is not installed"}))
finally:
    for process in running:
        process.kill()
        process.wait()
