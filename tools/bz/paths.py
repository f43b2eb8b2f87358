"""Where things are in the checkout. Everything else asks here; nothing else builds these paths."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".bz"
LOG = STATE / "log"
PRODUCTS = ROOT / "products"
BUILD = ROOT / "build"
KEYS = ROOT / "keys"
HOST_TESTS = ROOT / "tests" / "host"
HOST_BUILD = BUILD / "host"


def python() -> str:
    """The interpreter of the private environment, which has imgtool and the other packages."""
    venv = STATE / "venv" / "bin" / "python"
    return str(venv) if venv.exists() else sys.executable


def mbedtls() -> Path:
    """The Mbed TLS source: BZ_MBEDTLS_DIR if set, else what the set-up unpacked."""
    override = os.environ.get("BZ_MBEDTLS_DIR")
    return Path(override).resolve() if override else STATE / "mbedtls"
