"""Virtuoso, filled by kb push, as the README of the release says."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import store_job
import store_server

SETTINGS = Path(__file__).resolve().parents[1] / "virtuoso.ini"
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
            settings = SETTINGS.read_text(encoding="utf-8").format(sql=store_server.free_port(), http=port)
            Path(place, "v.ini").write_text(settings, encoding="utf-8")
            command = [program, "+foreground", "+configfile", "v.ini"]
            running.append(store_server.start(command, address, place))
            printed = subprocess.run([program, "-?"], capture_output=True, text=True, check=False)
            store_job.run(re.search(r"Version (\d+\.\d+\.\d+)", printed.stdout + printed.stderr)[1], load)
        else:
            print(json.dumps({"skip": "virtuoso-t is not installed"}))
finally:
    for process in running:
        process.kill()
        process.wait()
