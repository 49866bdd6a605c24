from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.client import Server, serving


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The shipped knowledge base, served with the limits as they are unless set."""
    log = tmp_path_factory.mktemp("server") / "access.log"
    with serving("--access-log", str(log)) as running:
        yield running
