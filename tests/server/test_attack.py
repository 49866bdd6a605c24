"""Good clients meet no error while hostile ones do what they can; ``make attack`` measures how long they wait."""

from __future__ import annotations

import sys

import pytest

from benchmarks import attack

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the addresses of the clients are those of Linux's loopback"),
    pytest.mark.long("it takes ten seconds, and needs both processors"),
]


@pytest.mark.parametrize("apart", [False, True])
def test_good_clients_meet_no_error_under_attack(apart: bool) -> None:
    came = attack.run(attack.Attack(slow=600, deaths=10, refused=20, good=4, seconds=8, apart=apart))
    assert attack.failures(came) == 0
    assert sum(came["good"].statuses.values()) > 4
