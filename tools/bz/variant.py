"""A variant: which product, isolation level, profile and partitions from outside the tree a command
is about, and where its results are.

Every command that builds, runs or measures takes --product, --isolation and --profile, and the
--extra options; this module turns them into the loaded product and the files of its build
directory. It reads declarations; it never builds.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bz import paths
from bz.console import BzError

DEFAULT_PRODUCT = "an505"


@dataclass(frozen=True)
class Extras:
    """Partitions from outside the tree: manifest lists, and the archive of each by its name."""

    lists: tuple[str, ...] = ()
    archives: tuple[tuple[str, str], ...] = ()

    @property
    def suffix(self) -> str:
        """Of the variant's name: the same for the same files, nothing without any."""
        if not self.lists and not self.archives:
            return ""
        return "-x" + hashlib.sha256(repr((self.lists, self.archives)).encode()).hexdigest()[:8]


NO_EXTRAS = Extras()


@dataclass(frozen=True)
class Variant:
    declaration: str  # what names the product: a name in products/, or the path of a product file
    product_name: str
    isolation: int
    profile: str
    application: str = "demo"  # what the non-secure slot holds
    key_folder: Path | None = None  # of its signing keys; None: the developer's
    extras: Extras = NO_EXTRAS
    build_directory: Path | None = None  # None: the one of this name in build/

    @property
    def name(self) -> str:
        return f"{self.product_name}-i{self.isolation}-{self.profile}{self.extras.suffix}"

    @property
    def directory(self) -> Path:
        return self.build_directory or paths.BUILD / self.name

    @property
    def generated(self) -> Path:
        return self.directory / "generated"

    @property
    def boot_elf(self) -> Path:
        return self.directory / "bin" / "boot.elf"

    @property
    def product(self) -> Any:
        return load_product(self.declaration, self.isolation, self.profile, self.extras)

    @property
    def device(self) -> Path:
        """The device file of this variant that `bz run` keeps."""
        return self.directory / "device.bin"

    def payload(self, world: str) -> Path:
        program = "spe" if world == "secure" else self.application
        return self.directory / "bin" / f"{program}.bin"

    def elf(self, world: str) -> Path:
        return self.payload(world).with_suffix(".elf")

    def signed(self, world: str) -> Path:
        payload = self.payload(world)
        return payload.with_name(f"{payload.stem}_signed.bin")


@functools.cache
def load_product(
    name: str,
    isolation: int | None = None,
    profile: str | None = None,
    extras: Extras = NO_EXTRAS,
) -> Any:
    """The product as tools/gen loads it; a wrong declaration is an error for a person."""
    try:
        import gen
    except ModuleNotFoundError as error:
        raise BzError(f"the Python package {error.name} is missing", "run ./bz setup") from error
    try:
        return gen.load_product(
            name,
            isolation,
            profile,
            extra_lists=extras.lists,
            extra_archives=dict(extras.archives),
        )
    except gen.ProductError as error:
        raise BzError(
            str(error), "correct the option or the declaration (fields: docs/product.md)"
        ) from error


def add_options(parser: argparse.ArgumentParser, full: bool = True) -> None:
    """The options that choose a variant; `full` adds what only a build depends on."""
    parser.add_argument(
        "--product",
        default=DEFAULT_PRODUCT,
        metavar="NAME",
        help=f"products/NAME.toml, or the path of a product file (default {DEFAULT_PRODUCT})",
    )
    if full:
        parser.add_argument(
            "--isolation",
            type=int,
            choices=(1, 2, 3),
            metavar="N",
            help="isolation level 1, 2 or 3 (default: the product's)",
        )
        parser.add_argument(
            "--profile",
            metavar="X",
            help="profile, such as small or medium (default: the product's)",
        )
        parser.add_argument(
            "--extra-manifest-list",
            action="append",
            default=[],
            metavar="FILE",
            help="list of manifests of partitions from outside the tree (may be repeated)",
        )
        parser.add_argument(
            "--extra-archive",
            action="append",
            default=[],
            type=_archive,
            metavar="NAME=FILE",
            help="archive of such a partition, by its name (one for each)",
        )


def _archive(text: str) -> tuple[str, str]:
    name, _, path = text.partition("=")
    if not name or not path:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=FILE")
    return name, str(Path(path).absolute())


def extras_of(options: argparse.Namespace) -> Extras:
    """Order of the archives has no meaning; that of the lists is the order of the partitions."""
    archives = getattr(options, "extra_archive", [])
    names = [name for name, _ in archives]
    for name in names:
        if names.count(name) > 1:
            raise BzError(
                f"partition '{name}' has two archives",
                f"give --extra-archive {name}=FILE once",
                code=2,
            )
    lists = getattr(options, "extra_manifest_list", [])
    return Extras(tuple(str(Path(path).absolute()) for path in lists), tuple(sorted(archives)))


def from_options(options: argparse.Namespace) -> Variant:
    return find(
        options.product,
        getattr(options, "isolation", None),
        getattr(options, "profile", None),
        extras_of(options),
    )


def find(
    product: str = DEFAULT_PRODUCT,
    isolation: int | None = None,
    profile: str | None = None,
    extras: Extras = NO_EXTRAS,
) -> Variant:
    """The variant with the product's own defaults for what is not given."""
    loaded = load_product(product, isolation, profile, extras)
    return Variant(product, loaded.name, loaded.isolation, loaded.profile, extras=extras)
