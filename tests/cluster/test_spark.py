"""Builds on a cluster: several worker processes, one of them killed during the build, and the bytes of one machine."""

from __future__ import annotations

import heapq
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from kb import pipeline, resources

pytestmark = [
    pytest.mark.long("minutes, a Java machine for each worker"),
    pytest.mark.skipif(not find_spec("pyspark"), reason="pyspark is not installed: run 'make test-spark'"),
    pytest.mark.skipif(not shutil.which("java"), reason="java is not installed: apt-get install default-jre-headless"),
    pytest.mark.enable_socket,  # Spark's processes talk to each other on this machine
]
ROOT = Path(__file__).resolve().parents[2]
CLUSTER = "local-cluster[2,1,900]"
SMALL_HEAP = ("--spark-conf", "spark.executor.memory=900m", "--spark-conf", "spark.driver.memory=1g")
Kb = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated") / "kb"
    command = [sys.executable, "-m", "benchmarks.generate", str(folder), "20000", "--files", "3"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


def spark(content: Path, output: Path, *options: str, master: str = "local[2]", **more: Any) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "kb",
        "build",
        "--engine",
        "spark",
        "--master",
        master,
        "--content",
        str(content),
        *SMALL_HEAP,
    ]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([*command, "-o", str(output), *options], **pipes, **more)


def finish(process: subprocess.Popen[str], code: int = 0) -> tuple[str, str]:
    out, err = process.communicate(timeout=500)
    assert process.returncode == code, err[-3000:]
    return out, err


def merged_digest(output: Path) -> str:
    """Merge the sorted shards, and return their digest."""
    digest = sha256()
    shards = [
        path.read_text("utf-8").splitlines(keepends=True) for path in sorted((output / "quads").iterdir()) if path.suffix == ".nq"
    ]
    for line in heapq.merge(*shards):
        digest.update(line.encode("utf-8"))
    return digest.hexdigest()


def on_one_machine(content: Path, target: Path, run_kb: Kb) -> str:
    assert run_kb("build", "--content", str(content), "-o", str(target)).returncode == 0
    return sha256(target.read_bytes()).hexdigest()


def test_shards_merge_to_the_bytes_of_one_machine(generated: Path, tmp_path: Path, run_kb: Kb) -> None:
    finish(spark(generated, tmp_path / "out", "--shards", "5"))
    assert merged_digest(tmp_path / "out") == on_one_machine(generated, tmp_path / "one.nq", run_kb)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["counts"]["fact"] == 20_000
    assert len(manifest["shards"]) == 7  # five, the plain triples, and what belongs to no document
    for shard in manifest["shards"]:
        text = (tmp_path / "out" / shard["file"]).read_bytes()
        assert (text.count(b"\n"), sha256(text).hexdigest()) == (shard["quads"], shard["sha256"])
        assert text.splitlines() == sorted(text.splitlines())
    assert (tmp_path / "out" / "_SUCCESS").exists()


def executors(of: int) -> list[int]:
    """Find the executors among the descendants of a process."""
    processes = []
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdecimal() and b"CoarseGrainedExecutorBackend" in (process / "cmdline").read_bytes():
                processes.append(int(process.name))
        except OSError:
            continue
    return [process for process in processes if of in ancestors(process)]


def ancestors(process: int) -> Iterator[int]:
    while process > 1:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        process = int(fields[1])
        yield process


@pytest.mark.skipif(sys.platform != "linux", reason="finds the processes of workers in /proc")
def test_a_worker_that_is_killed_in_the_middle_changes_nothing(generated: Path, tmp_path: Path, run_kb: Kb) -> None:
    events = tmp_path / "events"
    events.mkdir()
    conf = ("spark.eventLog.enabled=true", "spark.eventLog.compress=false", f"spark.eventLog.dir=file://{events}")
    logged = [word for setting in conf for word in ("--spark-conf", setting)]
    process = spark(generated, tmp_path / "out", "--shards", "40", *logged, master=CLUSTER)
    committed = tmp_path / "out" / "_quads"
    killed = 0
    while process.poll() is None and not killed:
        running = executors(process.pid)
        if list(committed.rglob("part-*")) and running:  # some shards are written, most are not
            killed = running[0]
            os.kill(killed, signal.SIGKILL)
        time.sleep(0.01)  # before it looks again; the result does not depend on it
    finish(process)
    assert killed
    log = "".join(path.read_text("utf-8") for path in events.rglob("*") if path.is_file() and not path.name.startswith("."))
    assert "SparkListenerExecutorRemoved" in log
    assert merged_digest(tmp_path / "out") == on_one_machine(generated, tmp_path / "one.nq", run_kb)


def test_the_same_problems_are_reported_and_no_quads_are_written(tmp_path: Path) -> None:
    content = tmp_path / "bad"
    command = [sys.executable, "-m", "benchmarks.generate", str(content), "2000", "--files", "2", "--bad", "0.02"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    first, second = sorted((content / "facts").iterdir())
    with second.open("ab") as file:  # the same claim in another file
        file.write(first.read_bytes().splitlines(keepends=True)[0])
    out, _ = finish(spark(content, tmp_path / "out", "--shards", "3", "--piece-bytes", "20000"), code=1)
    reported = [line for line in out.splitlines() if ": KB" in line]
    assert reported == [str(problem) for problem in pipeline.check(content).problems]
    assert any("KB311" in line and "part-00001" in line and "part-00000" in line for line in reported)
    assert not (tmp_path / "out" / "quads").exists()
    assert not (tmp_path / "out" / "_SUCCESS").exists()
    assert (tmp_path / "out" / "problems").is_dir()


def test_sql_over_the_edge_table_gives_the_rows_of_the_named_questions(tmp_path: Path, run_kb: Kb) -> None:
    finish(spark(resources.content(), tmp_path / "out"))
    code = (
        "import json, sys; from kb.cluster import edges, spark; session = spark.start(spark.ClusterSettings('local[2]'));"
        "rows = {name: edges.ask(session, sys.argv[1], name).collect() for name in edges.questions()};"
        "print(json.dumps({name: [row.asDict() for row in answer] for name, answer in rows.items()}))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "out")], capture_output=True, text=True, check=True)
    answers = json.loads(done.stdout.splitlines()[-1])
    assert len(answers) == 3
    for name, rows in answers.items():
        expected = json.loads(run_kb("query", name, "--format", "json").stdout)
        shared = [column for column in rows[0] if column in expected["head"]["vars"]]
        assert {"drug", "modality"} < set(shared)
        expected_rows = [[row.get(column, {}).get("value") for column in shared] for row in expected["results"]["bindings"]]
        assert sorted(str([row[column] for column in shared]) for row in rows) == sorted(map(str, expected_rows))


def test_parquet_facts_on_a_file_system_of_hadoop_give_the_same_bytes(tmp_path: Path, run_kb: Kb) -> None:
    for name, compression in (("lines", "none"), ("parquet", "parquet")):
        command = [sys.executable, "-m", "benchmarks.generate", str(tmp_path / name), "3000", "--compression", compression]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    expected = on_one_machine(tmp_path / "lines", tmp_path / "one.nq", run_kb)
    finish(spark(tmp_path / "parquet", tmp_path / "first", "--shards", "2"))
    finish(spark(tmp_path, tmp_path / "second", "--shards", "2", "--content-uri", f"file://{tmp_path}/parquet"))
    assert merged_digest(tmp_path / "first") == merged_digest(tmp_path / "second") == expected


def test_an_output_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.doc").write_text("mine")
    _, err = finish(spark(resources.content(), tmp_path / "out"), code=6)
    assert "KB794" in err
    assert (tmp_path / "out" / "thesis.doc").read_text() == "mine"
