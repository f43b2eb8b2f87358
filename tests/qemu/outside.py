"""What the tests of partitions from outside the tree share: a folder outside, the SDK's partitions/
in it, and the build of an archive with nothing but that.

The folder has a fixed name for each checkout, so that build directories are used again by the next
run.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from bz import build, paths, sdk_partitions, variant
from bz.variant import Extras, Variant

HERE = Path(tempfile.gettempdir()) / (
    "bartizan-" + hashlib.sha256(str(paths.ROOT).encode()).hexdigest()[:12]
)
WARNINGS = ("-std=c11", "-Os", "-g", "-Wall", "-Wextra", "-Wconversion", "-Werror")


def run(
    *command: str | Path, cwd: Path = paths.ROOT, **more: str
) -> subprocess.CompletedProcess[str]:
    """A command of somebody who has not our environment, but the Python that set-up made."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    clean["PATH"] = f"{Path(paths.python()).parent}:{clean['PATH']}"
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=clean | more,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=900,
        check=False,
    )


def done(*command: str | Path, cwd: Path = paths.ROOT) -> str:
    result = run(*command, cwd=cwd)
    assert result.returncode == 0, f"{command}\n{result.stdout}{result.stderr}"
    return result.stdout


def partitions_of(built: Variant, sdk: Path) -> Path:
    """partitions/ of an SDK."""
    build.build(built)
    sdk_partitions.export(built, sdk / "partitions")
    return sdk / "partitions"


def compile_archive(parts: Path, headers: Path, source: Path, archive: Path) -> None:
    """As a vendor does it: flags and headers of partitions/, headers of the manifests."""
    flags = json.loads((parts / "partitions.json").read_text())["cflags"]
    item = archive.with_suffix(".o")
    includes = (f"-I{parts / 'include'}", f"-I{headers}")
    done("arm-none-eabi-gcc", *flags, *WARNINGS, *includes, "-c", source, "-o", item)
    archive.unlink(missing_ok=True)
    done("arm-none-eabi-ar", "rcsD", archive, item)


# ---- The example ---------------------------------------------------------------------------------

EXAMPLE = paths.ROOT / "examples" / "partition"


def copy_of_example() -> Path:
    """Out of the tree; newer than what an earlier test has built with it."""
    made = shutil.ignore_patterns("headers", "*.a", "*.o", "*.elf", "__pycache__")
    shutil.rmtree(HERE / "ticker", ignore_errors=True)
    copied = shutil.copytree(EXAMPLE, HERE / "ticker", ignore=made, copy_function=shutil.copy)
    return Path(copied)


def sdk() -> Path:
    """An SDK of the default product, as far as partitions need it."""
    partitions_of(variant.find("an505"), HERE / "sdk")
    return HERE / "sdk"


def ticker_archive() -> Path:
    """The folder of the example, built outside the tree."""
    folder = copy_of_example()
    done("make", "-C", folder, f"SDK={sdk()}")
    return folder


def with_ticker(folder: Path, isolation: int, application: str = "demo") -> Variant:
    extras = Extras((f"{folder}/manifest_list.yaml",), (("ticker", f"{folder}/ticker.a"),))
    return replace(variant.find("an505", isolation, extras=extras), application=application)
