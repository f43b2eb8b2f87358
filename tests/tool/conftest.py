"""Fixtures of the tests of the host tools, and the import path to tools/."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"
if str(TOOLS) not in sys.path:
    sys.path.insert(0, str(TOOLS))


@pytest.fixture
def workshop(tmp_path: Path):
    """A small complete product that a test may change (gen_workshop.py)."""
    from gen_workshop import Workshop

    return Workshop(tmp_path / "root")
