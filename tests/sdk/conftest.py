"""Fixtures of the tests of the SDK: SDKs that lie elsewhere than they were made."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bz import build, sdk, variant

HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """The SDK of a variant, exported once in a session and then moved: exported('an505', 3)."""
    done: dict[tuple[str, int], Path] = {}

    def get(product: str = "an505", isolation: int = 3) -> Path:
        if (product, isolation) not in done:
            found = variant.find(product, isolation)
            build.build(found)
            folder = tmp_path_factory.mktemp("sdk")
            sdk.export(found, folder / "made")
            done[product, isolation] = (folder / "made").rename(folder / "moved, elsewhere")
        return done[product, isolation]

    return get


@pytest.fixture
def the_sdk(exported: Callable[..., Path]) -> Path:
    return exported()
