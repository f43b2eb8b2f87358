#!/usr/bin/env python3
"""compile_manifests LIST... --out DIR: checks the manifests of partitions that are built outside
the tree against the product of this SDK, and writes the headers that their code includes.

The SDK has it in partitions/, with the generator's modules, the product and its manifests beside
it, so what it says is what the build of the product will say. It writes DIR/psa_manifest/ and
nothing else.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PRODUCT = HERE / "product.json"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="compile_manifests",
        description="Check partition manifests against the product and write their headers.",
    )
    parser.add_argument("lists", nargs="+", metavar="LIST", help="manifest list, YAML or JSON")
    parser.add_argument(
        "--out", required=True, type=Path, metavar="DIR", help="gets DIR/psa_manifest/*.h"
    )
    options = parser.parse_args(arguments)
    try:
        from gen.emit_headers import psa_manifest_headers
        from gen.output import write_files
        from gen.product import load_product
        from gen.source import ProductError
    except ModuleNotFoundError as error:
        return refuse(f"Python cannot import {error.name}", needs(error.name))
    try:
        product = load_product(PRODUCT, root=HERE, extra_lists=options.lists)
        write_files(options.out, psa_manifest_headers(product))
    except ProductError as error:
        print(f"compile_manifests: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        return refuse(f"{error.filename}: {error.strerror}", "choose another --out")
    return 0


def refuse(what: str, todo: str) -> int:
    print(f"compile_manifests: {what}; {todo}", file=sys.stderr)
    return 2


def needs(module: str | None) -> str:
    if module == "tomllib":
        return f"use Python 3.11 or later (this is {sys.version.split()[0]})"
    if module == "yaml":
        return "install PyYAML: apt-get install python3-yaml, or pip install pyyaml"
    return "make the SDK again with ./bz sdk"


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.path.insert(1, str(HERE.parent / "tools" / "python"))
    sys.exit(main())
