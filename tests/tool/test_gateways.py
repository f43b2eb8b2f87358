"""The gateways keep their order for ever: an application that was linked once calls the n-th one at
GATEWAYS_BASE + 8 n, whatever secure image is behind it.

GOLDEN is the list as it was published. It grows when one is appended to spm/gateways.def; nothing
in it changes.
"""

from __future__ import annotations

import re

import pytest

from bz import paths
from gen.model import GATEWAYS_SIZE

GOLDEN = (
    "psa_framework_version_gateway",
    "psa_version_gateway",
    "psa_connect_gateway",
    "psa_call_gateway",
    "psa_close_gateway",
    "bartizan_report_fault_gateway",
    "bartizan_confirm_start_gateway",
)
STRIDE = 8


def gateways(text: str) -> list[str]:
    return re.findall(r"^GATEWAY (\w+), \w+$", text, re.MULTILINE)


def what_moved(names: list[str]) -> list[str]:
    """Gateways whose place is not the published one."""
    return [name for at, name in enumerate(GOLDEN) if names[at : at + 1] != [name]]


def test_no_gateway_has_moved() -> None:
    names = gateways((paths.ROOT / "spm" / "gateways.def").read_text("utf-8"))
    assert not what_moved(names), "spm/gateways.def is append-only"
    assert list(GOLDEN) == names, "add what was appended to GOLDEN"
    assert len(set(names)) == len(names) <= GATEWAYS_SIZE // STRIDE


@pytest.mark.parametrize(
    "changed",
    (
        [*GOLDEN[:2], GOLDEN[3], GOLDEN[2], *GOLDEN[4:]],
        [*GOLDEN[:3], *GOLDEN[4:]],
        ["psa_new_gateway", *GOLDEN],
        [*GOLDEN[:-1], "psa_new_gateway"],
    ),
    ids=("two swapped", "one removed", "one inserted", "one replaced"),
)
def test_a_change_is_noticed(changed: list[str]) -> None:
    assert what_moved(changed)


def test_one_that_is_appended_moves_none() -> None:
    assert not what_moved([*GOLDEN, "psa_new_gateway"])
