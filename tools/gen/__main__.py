"""Command line of the generator: python -m gen --product NAME_OR_PATH --out DIR.

Called by the build. Prints nothing on success; a wrong declaration is one line on stderr and exit
code 2.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from gen import emit_build, emit_fault, emit_headers, emit_linker, emit_storage, emit_tables
from gen.model import Product
from gen.output import write_files
from gen.product import load_product
from gen.source import ProductError
from gen.stubs import standard_tables, stub_files


def generate(product: Product) -> dict[str, str]:
    """Every generated file: name relative to the output directory, and text."""
    return {
        "layout.h": emit_headers.layout_header(product),
        "bartizan/product.h": emit_headers.application_header(product),
        "bartizan/nv_counters.h": emit_storage.nv_counter_names(product),
        "its_quotas.c": emit_storage.its_quotas(product),
        "nv_counters.c": emit_storage.nv_counters(product),
        "boot_images.c": emit_headers.boot_images(product),
        "crypto_algorithms.h": emit_headers.crypto_algorithms(product),
        **emit_headers.psa_manifest_headers(product),
        **stub_files(standard_tables()),
        "spm_tables.c": emit_tables.spm_tables(product),
        "fault_tables.c": emit_fault.fault_tables(product),
        "boot.ld": emit_linker.boot_script(product),
        "spe.ld": emit_linker.secure_script(product),
        "ns.ld": emit_linker.non_secure_script(product),
        "product.cmake": emit_build.product_cmake(product),
        "product.json": emit_build.product_json(product),
    }


def _archive(text: str) -> tuple[str, str]:
    name, sign, path = text.partition("=")
    if not name or not sign or not path:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=FILE")
    return name, path


def _archives(pairs: list[tuple[str, str]]) -> dict[str, str]:
    archives = dict(pairs)
    if len(archives) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        what = f"partition '{twice}' has two archives"
        raise ProductError(f"--extra-archive {twice}", None, what, "give one NAME=FILE for each")
    return archives


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="gen", description="Generate linker scripts, tables and headers of a product."
    )
    parser.add_argument(
        "--product",
        required=True,
        metavar="NAME_OR_PATH",
        help="products/<name>.toml, or a path relative to the repository root",
    )
    parser.add_argument(
        "--isolation",
        type=int,
        metavar="N",
        help="isolation level 1, 2 or 3 (default: the product's)",
    )
    parser.add_argument("--profile", metavar="X", help="profile (default: the product's)")
    parser.add_argument(
        "--out", required=True, type=Path, metavar="DIR", help="directory of the generated files"
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
    options = parser.parse_args(arguments)
    try:
        product = load_product(
            options.product,
            options.isolation,
            options.profile,
            extra_lists=options.extra_manifest_list,
            extra_archives=_archives(options.extra_archive),
        )
    except ProductError as error:
        print(error, file=sys.stderr)
        return 2
    write_files(options.out, generate(product))
    return 0


if __name__ == "__main__":
    sys.exit(main())
