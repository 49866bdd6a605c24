"""Stores to push to: two real servers on loopback, and a test double that fails on purpose."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kb.http_client import RequestPolicy
from kb.push.credentials import ANONYMOUS, Credentials
from kb.push.profiles import PROFILES
from kb.push.remote_store import PushTarget
from kb.push.transfer import TransferPlan
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


VIRTUOSO_MARKS = (pytest.mark.xdist_group("virtuoso"), pytest.mark.long("Virtuoso takes long to start, and answers slowly"))
VIRTUOSO = Path(__file__).parents[2] / "tools" / "acceptance" / "virtuoso.ini"


@pytest.fixture(scope="session")
def virtuoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program = shutil.which("virtuoso-t")
    if program is None:
        pytest.skip("Virtuoso is not installed: apt-get install virtuoso-opensource-7-bin")
    folder, port = tmp_path_factory.mktemp("virtuoso"), free_port()
    (folder / "v.ini").write_text(VIRTUOSO.read_text(encoding="utf-8").format(sql=free_port(), http=port))
    with started([program, "+foreground", "+configfile", "v.ini"], f"http://127.0.0.1:{port}", folder) as address:
        yield address


@pytest.fixture(scope="session", params=["oxigraph", pytest.param("virtuoso", marks=VIRTUOSO_MARKS)])
def started_server(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The profile and the address of each real server."""
    return request.param, request.getfixturevalue(request.param)


@pytest.fixture
def server(started_server: tuple[str, str]) -> PushTarget:
    """Each real server, with the credentials to write to it, and nothing of what an earlier test left."""
    profile, address = started_server
    who = DBA if profile == "virtuoso" else ANONYMOUS
    target = PushTarget(address, PROFILES[profile], who, policy=RequestPolicy(30.0, 3, 0.05))
    push_all([quad(0, "dataset")], target, TransferPlan(prune=True))
    return target


@pytest.fixture
def double() -> Iterator[Double]:
    with running() as made:
        yield made


@pytest.fixture
def failing(double: Double) -> Callable[..., PushTarget]:
    """Make a target of the double, for a client in a hurry."""

    def make(profile: str = "oxigraph", who: Credentials = ANONYMOUS, **more: Any) -> PushTarget:
        return PushTarget(double.address, PROFILES[profile]._replace(**more), who, policy=RequestPolicy(5.0, 3, 0.01))

    return make
