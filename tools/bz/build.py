"""Configures and builds a variant with CMake and Ninja, and signs its images.

Used by every command that needs firmware, by the system tests and by the collector of the host
tests. It shows progress from Ninja's [n/m]; on failure it shows the failing command's output
only.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bz import keys, paths, process, signing, size
from bz.console import BzError, console
from bz.variant import Variant

_STEP = re.compile(r"\[(\d+)/(\d+)\] (.*)")
DETAILS_LINES = 40


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """One build at a time in a directory; a second one waits."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def configure(source: Path, directory: Path, options: dict[str, str]) -> None:
    """Run CMake where its options have changed since the last time (Ninja does the rest itself)."""
    argv = [
        "cmake",
        "-S",
        str(source),
        "-B",
        str(directory),
        "-G",
        "Ninja",
        *(f"-D{name}={value}" for name, value in sorted(options.items())),
    ]
    stamp = directory / ".configured"
    if (
        (directory / "build.ninja").exists()
        and stamp.exists()
        and stamp.read_text() == "\n".join(argv)
    ):
        return
    if not (source / "CMakeLists.txt").exists():
        raise BzError(f"there is no {source}/CMakeLists.txt", "restore the checkout (git status)")
    stamp.unlink(missing_ok=True)
    code, text = process.run(argv)
    if code != 0:
        raise BzError(
            f"CMake could not configure {directory.name}",
            "correct what it says, or remove the directory "
            f"{directory} if its cache is of another machine",
            _last(text),
        )
    stamp.write_text("\n".join(argv))


def ninja(directory: Path, title: str, targets: tuple[str, ...] = ()) -> None:
    """Build in a configured directory."""
    failed: list[str] = []
    failing = False
    with console.progress(title) as report:

        def follow(line: str) -> None:
            nonlocal failing
            if step := _STEP.match(line):
                report(int(step[1]), int(step[2]), step[3])
                failing = False
            failing = failing or line.startswith("FAILED:")
            if failing:
                failed.append(line)

        code, text = process.run(["ninja", "-C", str(directory), *targets], each_line=follow)
    if code != 0:
        raise BzError(
            f"the build of {directory.name} failed",
            "correct what the tool says, then run it again",
            _last("\n".join(failed) or text),
        )


def _last(text: str) -> str:
    lines = text.rstrip().splitlines()
    return "\n".join(
        lines
        if len(lines) <= DETAILS_LINES
        else [*lines[: DETAILS_LINES - 10], "...", *lines[-10:]]
    )


def options_of(variant: Variant) -> dict[str, str]:
    return {
        "BZ_PRODUCT": variant.declaration,
        "BZ_ISOLATION": str(variant.isolation),
        "BZ_PROFILE": variant.profile,
        "BZ_MBEDTLS_DIR": str(paths.mbedtls()),
        "BZ_PYTHON": paths.python(),
        "BZ_EXTRA_MANIFEST_LISTS": ";".join(variant.extras.lists),
        "BZ_EXTRA_ARCHIVES": ";".join(f"{name}={path}" for name, path in variant.extras.archives),
        "CMAKE_TOOLCHAIN_FILE": str(paths.ROOT / "cmake" / "arm-none-eabi.cmake"),
    }


def build(variant: Variant, targets: tuple[str, ...] = ()) -> None:
    """Build a variant and sign its images; makes the keys that are missing."""
    for partition in variant.product.partitions:
        if partition.is_outside and partition.is_psa_rot:
            console.say(
                f"partition {partition.name} comes from outside the tree and is PSA-ROT: it is "
                "trusted like the services of the product"
            )
    with locked(variant.directory):
        configure(paths.ROOT, variant.directory, options_of(variant))
        ninja(variant.directory, f"building {variant.name}", targets)
        finish(variant)


def finish(variant: Variant) -> None:
    """What follows the compiler: budgets, signatures; makes the keys that are missing."""
    for path in keys.ensure(variant.product, variant.key_folder):
        console.say(f"made key keys/{path.name}")
    check_budgets(variant)
    sign_images(variant)


def check_budgets(variant: Variant) -> None:
    """Refuse images that are larger than the product file allows."""
    exceeded = size.exceeded_budgets(variant)
    if exceeded:
        raise BzError(
            f"{variant.name} exceeds its budget: {exceeded[0]}",
            "make it smaller (./bz size shows what is large), or raise the budget in "
            f"{variant.product.file}",
            "\n".join(exceeded),
        )


def sign_images(variant: Variant) -> None:
    """Sign each image whose payload, key or arguments have changed."""
    for described in variant.product.images:
        payload, signed = variant.payload(described.world), variant.signed(described.world)
        if not payload.exists():
            raise BzError(
                f"the build made no {payload}",
                "see bin/ in the build directory; is the target missing?",
            )
        key = keys.path_of(described.key, variant.key_folder)
        options = signing.arguments(variant.product, described)
        made_from = hashlib.sha256(
            payload.read_bytes() + key.read_bytes() + repr(options).encode()
        ).hexdigest()
        stamp = signed.with_suffix(".stamp")
        if signed.exists() and stamp.exists() and stamp.read_text() == made_from:
            continue
        signing.sign(payload, signed, options, key)
        stamp.write_text(made_from)
