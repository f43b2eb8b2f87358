"""Collector of the host tests: builds tests/host with clang and sanitizers, one pytest case per
cmocka executable.

The executables are discovered through ctest, so that a new suite needs its CMake lines only. A
build that fails is one failing case with the compiler's message.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from bz import build, paths, process
from bz.console import BzError

TIMEOUT_SECONDS = 300


def build_host_tests() -> list[dict[str, Any]]:
    """Configure and build; the tests that ctest knows."""
    compiler = shutil.which("clang") or "cc"
    options = {
        "CMAKE_C_COMPILER": compiler,
        "BZ_MBEDTLS_DIR": str(paths.mbedtls()),
        "BZ_PYTHON": paths.python(),
    }
    with build.locked(paths.HOST_BUILD):
        build.configure(paths.HOST_TESTS, paths.HOST_BUILD, options)
        build.ninja(paths.HOST_BUILD, "building host tests")
    code, text = process.run(["ctest", "--test-dir", str(paths.HOST_BUILD), "--show-only=json-v1"])
    if code != 0:
        raise BzError("ctest could not list the host tests", "run ctest by hand", text)
    return json.loads(text[text.index("{") :])["tests"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "suite" not in metafunc.fixturenames:
        return
    try:
        suites: list[Any] = build_host_tests()
    except BzError as error:
        metafunc.parametrize("suite", [error], ids=["build"])
        return
    metafunc.parametrize("suite", suites, ids=[suite["name"] for suite in suites])


def properties_of(suite: dict[str, Any]) -> dict[str, Any]:
    return {each["name"]: each["value"] for each in suite.get("properties", [])}


def test_host(suite: dict[str, Any] | BzError) -> None:
    if isinstance(suite, BzError):
        pytest.fail(f"{suite.cause}\n{suite.details}", pytrace=False)
    properties = properties_of(suite)
    environment = dict(os.environ)
    for setting in properties.get("ENVIRONMENT", []):
        name, _, value = setting.partition("=")
        environment[name] = value
    seconds = int(properties.get("TIMEOUT", TIMEOUT_SECONDS))
    code, text = process.run(
        ["timeout", "--kill-after=5", str(seconds), *suite["command"]],
        cwd=Path(properties.get("WORKING_DIRECTORY", paths.HOST_BUILD)),
        env=environment,
    )
    if code != 0:
        pytest.fail(f"{suite['name']} ended with exit code {code}\n{text}", pytrace=False)
    if "compile" in properties.get("LABELS", []):  # that it compiles is the test
        return
    assert "[  PASSED  ]" in text, f"{suite['name']} ran no test:\n{text}"
