"""Virtuoso, filled by kb push, as the README of the release says."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import store_job
import store_server

SETTINGS = """
[Database]
DatabaseFile = v.db
ErrorLogFile = v.log
TransactionFile = v.trx
xa_persistent_file = v.pxa
[Parameters]
ServerPort = 127.0.0.1:{sql}
NumberOfBuffers = 4000
MaxDirtyBuffers = 3000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = .
ServerThreads = 8
[SPARQL]
ResultSetMaxRows = 100000
"""
running = []
try:
    with tempfile.TemporaryDirectory() as place:
        port = store_server.free_port()
        address = f"http://127.0.0.1:{port}"

        def load(case):
            for content in case["content"]:
                command = [sys.executable, "-m", "kb", "push", address, "--profile", "virtuoso", "--user", "dba"]
                environment = {**os.environ, "KB_PUSH_PASSWORD": "dba"}
                subprocess.run([*command, "--content", content], check=True, capture_output=True, env=environment)
            return partial(store_server.ask, f"{address}/sparql")

        if program := shutil.which("virtuoso-t"):
            Path(place, "v.ini").write_text(SETTINGS.format(sql=store_server.free_port(), http=port), encoding="utf-8")
            command = [program, "+foreground", "+configfile", "v.ini"]
            running.append(store_server.start(command, address, place))
            store_job.run("7", load)
        else:
            print(json.dumps({"skip": "virtuoso-t is not installed"}))
finally:
    for process in running:
        process.kill()
        process.wait()
