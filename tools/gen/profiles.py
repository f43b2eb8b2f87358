"""Decodes the profiles of a product, and its budgets, which may differ by profile.

Called by product.py. Every profile is checked, also those that are not chosen.
"""

from __future__ import annotations

from typing import Any

from gen import storage
from gen.model import BUDGETS, Partition, Product, Quota
from gen.source import Table, suggest

ALGORITHMS = (
    "sha256",
    "sha384",
    "sha512",
    "ecdsa_p256",
    "ecdsa_p384",
    "ecdh_p256",
    "rsa",
    "aes_ccm",
    "aes_gcm",
)
GENERATOR_HASH = "sha256"  # every profile has it
PROFILE_NUMBERS = (
    "crypto_heap_size",
    "crypto_keys",
    "crypto_operations",
    "its_assets",
    "its_asset_size",
    "ps_assets",
    "ps_asset_size",
)
PROFILE_DEFAULTS = {"ps_assets": 64, "ps_asset_size": 2048}
PROFILE_KEYS = ("crypto_algorithms", *PROFILE_NUMBERS, "its_encryption", "its_quota", "without")

_NUMBER_MAX = 0xFFFFFFFF


def choose(table: Table, head: Table, asked: str | None) -> str:
    """The name of the profile that is asked for, or else the product's."""
    node = table.require("profile")
    known = Table(node, "[profile]", node.value if isinstance(node.value, dict) else ())
    name = head.text("profile") if asked is None else asked
    if name not in known:
        head.at("profile").fail(f"profile '{name}' does not exist", suggest(name, node.value))
    return name


def decode(table: Table) -> tuple[dict[str, dict[str, Any]], dict[str, list[Quota]]]:
    """Every profile is checked, also those that are not chosen: their values, and their quotas."""
    values, quotas = {}, {}
    for name, node in table.require("profile").value.items():
        profile = Table(node, f"[profile.{name}]", PROFILE_KEYS)
        values[name] = _profile(profile)
        quotas[name] = storage.quotas(profile)
    return values, quotas


def _profile(table: Table) -> dict[str, Any]:
    table.require("crypto_algorithms")
    algorithms = []
    for element in table.texts("crypto_algorithms"):
        if element.value not in ALGORITHMS:
            element.fail(f"unknown algorithm '{element.value}'", suggest(element.value, ALGORITHMS))
        if element.value in algorithms:
            element.fail(f"algorithm '{element.value}' is listed twice", "remove one")
        algorithms.append(element.value)
    if GENERATOR_HASH not in algorithms:
        table.at("crypto_algorithms").fail(
            f"{table.what} has no '{GENERATOR_HASH}', on which the random generator stands",
            f'add "{GENERATOR_HASH}"; without the Crypto service, set enabled = false in its '
            "[[partition]]",
        )
    without = [element.value for element in table.texts("without")]
    values: dict[str, Any] = {"crypto_algorithms": algorithms, "without": without}
    for key in PROFILE_NUMBERS:
        if key in table or key not in PROFILE_DEFAULTS:
            high = storage.HIGHEST.get(key, _NUMBER_MAX)
            values[key] = table.integer(key, low=1, high=high)
        else:
            values[key] = PROFILE_DEFAULTS[key]
    values["its_encryption"] = table.boolean("its_encryption", False)
    if values["crypto_heap_size"] % 8 != 0:
        table.at("crypto_heap_size").fail(
            f"crypto_heap_size {values['crypto_heap_size']} is not a multiple of 8", "round it up"
        )
    return values


def budget(table: Table, chosen: str) -> dict[str, int]:
    """[budget] holds for every profile, [budget.<profile>] replaces its numbers for one."""
    node = table.get("budget")
    if node is None:
        return {}
    profiles = list(table.require("profile").value)
    every = Table(node, "[budget]", BUDGETS + tuple(profiles))
    values = {name: limits(every, BUDGETS) for name in profiles}
    for name in profiles:
        if own := every.get(name):
            values[name] |= limits(Table(own, f"[budget.{name}]", BUDGETS), BUDGETS)
    return values[chosen]


def limits(table: Table, keys: tuple[str, ...]) -> dict[str, int]:
    """The numbers of a budget that are there."""
    return {key: table.integer(key, low=1) for key in keys if key in table}


def leave_out(table: Table, product: Product, declared: list[Partition]) -> None:
    """Switches off what the profile has in `without`. Every profile is checked."""
    by_name = {partition.name: partition for partition in declared}
    for profile, node in table.require("profile").value.items():
        for element in Table(node, f"[profile.{profile}]", PROFILE_KEYS).texts("without"):
            if element.value not in by_name:
                element.fail(
                    f"profile '{profile}' is without '{element.value}', which is no partition",
                    suggest(element.value, by_name),
                )
            if profile == product.profile:
                by_name[element.value].enabled = False
                by_name[element.value].left_out = element
