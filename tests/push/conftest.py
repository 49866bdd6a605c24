"""Stores to push to: two real servers on loopback, and one of our own that fails on purpose."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kb.push.client import Patience
from kb.push.credentials import NOBODY, Credentials
from kb.push.profiles import PROFILES
from kb.push.transfer import Plan, Target
from tests.push.double import Double, running
from tests.push.real import free_port, started
from tests.push.small import DBA, push_all, quad


@pytest.fixture(scope="session")
def oxigraph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program = Path(sys.executable).with_name("oxigraph")
    if not program.exists():
        pytest.skip("the Oxigraph server is not installed: pip install oxigraph")
    folder, port = tmp_path_factory.mktemp("oxigraph"), free_port()
    with started([str(program), "serve", "--bind", f"127.0.0.1:{port}"], f"http://127.0.0.1:{port}", folder) as address:
        yield address


VIRTUOSO = """
[Database]
DatabaseFile = v.db
ErrorLogFile = v.log
TransactionFile = v.trx
xa_persistent_file = v.pxa
[Parameters]
ServerPort = 127.0.0.1:{sql}
NumberOfBuffers = 2000
MaxDirtyBuffers = 1500
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = .
ServerThreads = 8
[SPARQL]
ResultSetMaxRows = 5000
"""


@pytest.fixture(scope="session")
def virtuoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program = shutil.which("virtuoso-t")
    if program is None:
        pytest.skip("Virtuoso is not installed: apt-get install virtuoso-opensource-7-bin")
    folder, port = tmp_path_factory.mktemp("virtuoso"), free_port()
    (folder / "v.ini").write_text(VIRTUOSO.format(sql=free_port(), http=port))
    with started([program, "+foreground", "+configfile", "v.ini"], f"http://127.0.0.1:{port}", folder) as address:
        yield address


@pytest.fixture(params=["oxigraph", pytest.param("virtuoso", marks=pytest.mark.xdist_group("virtuoso"))])
def server(request: pytest.FixtureRequest) -> Target:
    """Each real server, with who may write to it, and nothing of what an earlier test left."""
    who = DBA if request.param == "virtuoso" else NOBODY
    target = Target(request.getfixturevalue(request.param), PROFILES[request.param], who, patience=Patience(30.0, 3, 0.05))
    push_all([quad(0, "dataset")], target, Plan(prune=True))
    return target


@pytest.fixture
def double() -> Iterator[Double]:
    with running() as made:
        yield made


@pytest.fixture
def failing(double: Double) -> Callable[..., Target]:
    """Make a target of the double, for a client in a hurry."""

    def make(profile: str = "oxigraph", who: Credentials = NOBODY, **more: Any) -> Target:
        return Target(double.address, PROFILES[profile]._replace(**more), who, patience=Patience(5.0, 3, 0.01))

    return make
