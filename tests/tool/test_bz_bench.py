"""./bz bench: the same numbers in every run, numbers that follow what the firmware does, and
nothing of it in a real product.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bz_support import bz, processes_with

from bz import (
    bench,
    build,
    device,
    figures,
    image,
    keys,
    masks,
    paths,
    profile,
    store_view,
    variant,
)
from bz.console import BzError

CALLS = [
    name
    for name in bench.METRICS
    if name.startswith(("psa_", "connect", "its_", "ps_", "hash_"))
]
FRAMEWORK = [name for name in CALLS if name.startswith(("psa_", "connect"))] + [masks.METRIC]
GOALS = tomllib.loads(figures.GOALS.read_text("utf-8"))
LEVELS = [1, *(pytest.param(level, marks=pytest.mark.slow) for level in (2, 3))]
OTHER_BOARD = 0.05  # how far an521's figures may be from an505's


@pytest.fixture(scope="module")
def level1() -> bench.Bench:
    return bench.Bench(variant.find("an505", 1))


@pytest.fixture(scope="module")
def measured(level1: bench.Bench) -> dict[str, dict[str, Any]]:
    return by_name(level1.metrics(level1.run()))


@pytest.fixture(autouse=True)
def nothing_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # of what is started
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # of our own
    yield
    assert processes_with(str(tmp_path)) == []


@functools.cache
def measure(level: int) -> tuple[dict[str, Any], profile.Profile]:
    """Metrics of the default product, and what runs in figures.PATH_METRIC."""
    return figures.measure("an505", level)


def by_name(metrics: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in metrics}


# --- what is measured -----------------------------------------------------------------------------


def test_two_runs_are_identical(level1: bench.Bench, measured: dict[str, Any]) -> None:
    assert by_name(level1.metrics(level1.run())) == measured


@pytest.mark.slow
def test_a_new_build_is_identical(level1: bench.Bench, measured: dict[str, Any]) -> None:
    shutil.rmtree(bench.FOLDER)
    shutil.rmtree(level1.variant.directory)
    again = bench.Bench(variant.find("an505", 1))
    assert by_name(again.metrics(again.run())) == measured


def test_json_has_the_documented_shape(measured: dict[str, Any]) -> None:
    done = bz("bench", "--isolation", "1", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert {key: told[key] for key in ("product", "isolation", "profile", "build")} == {
        "product": "an505",
        "isolation": 1,
        "profile": "medium",
        "build": "release",
    }
    assert by_name(told["metrics"]) == measured
    assert bench.last_result(variant.find("an505", 1)) == told, "kept, for ./bz report"
    names = [each["name"] for each in told["metrics"]]
    assert names == [name for name in bench.METRICS if name in names]
    for each in told["metrics"]:
        assert each["instructions"] > 0
        assert min(each["erases"], each["programs"]) >= 0


def test_every_operation_of_the_product_is_measured(measured: dict[str, Any]) -> None:
    headers = paths.ROOT / "include" / "psa"
    crypto = (headers / "crypto.h").read_text("utf-8")
    expected = set(bench.METRICS)
    for function, names in (
        ("psa_aead_encrypt", {"aead_ccm_1024", "aead_gcm_1024", "import_aes"}),
        ("psa_raw_key_agreement", {"ecdh_p256"}),
    ):
        if f"{function}(" not in crypto:
            expected -= names
    if not (headers / "initial_attestation.h").exists():
        expected -= {"attest_token", "attest_token_size"}
    if "PSA_PS" not in [each.name for each in variant.find("an505", 1).product.services]:
        expected -= {name for name in bench.METRICS if name.startswith("ps_")}
    assert set(measured) == expected


def test_what_a_profile_leaves_out_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    found = bench.Bench.__new__(bench.Bench)
    found.variant = variant.find("an505")
    found.points = {"bench_begin_its_get_64": 2, "bench_end_its_get_64": 4}
    trace = bench.read_trace("point 2 0 0 0\npoint 4 1 0 0\npoint 2 5 0 0\npoint 4 c 1 18\n")
    monkeypatch.setattr(bench, "_STARTS", {})
    trace.rows["its_get_64"] = bench.NOT_SUPPORTED, 0
    assert found.metrics({"first": trace}) == []
    trace.rows["its_get_64"] = 0, 0
    assert found.metrics({"first": trace}) == [
        {"name": "its_get_64", "instructions": 7, "erases": 1, "programs": 3, "bytes": 24}
    ]
    trace.rows["its_get_64"] = -140, 0
    with pytest.raises(BzError, match="its_get_64 failed with status -140"):
        found.metrics({"first": trace})


def test_a_line_cut_by_the_kill_is_not_read() -> None:
    assert bench.read_trace("point 2 1 0 0\npoint 2 12").points == {2: [bench.Reading(1, 0, 0)]}


# --- do the numbers mean what they say? -----------------------------------------------------------


def test_starts_are_in_order(measured: dict[str, Any]) -> None:
    first, warm, secure = (
        measured[name] for name in ("boot_to_ns_first", "boot_to_ns_warm", "secure_main_to_ns_warm")
    )
    assert 0 < secure["instructions"] < warm["instructions"]
    assert first["programs"] > warm["programs"] == 1, "a boot counts itself with one program unit"
    assert warm["erases"] == 0


def test_more_bytes_take_more(measured: dict[str, Any]) -> None:
    for series in (
        *(
            tuple(f"psa_call_{size}_{kind}" for size in ("0vec", "1in1out_64", "1in1out_4096"))
            for kind in ("sfn", "arot_ipc")
        ),
        ("its_get_64", "its_get_512"),
        ("its_set_64", "its_set_512"),
        ("ps_get_64", "ps_get_512"),
        ("ps_set_64", "ps_set_512"),
        ("hash_sha256_64", "hash_sha256_1024", "hash_sha256_65536"),
    ):
        counts = [measured[name]["instructions"] for name in series if name in measured]
        assert counts == sorted(set(counts)), series


def test_only_writes_touch_the_flash(measured: dict[str, Any]) -> None:
    for name in CALLS:
        if name not in measured:
            continue
        touched = measured[name]["programs"] + measured[name]["erases"]
        assert (touched > 0) == name.startswith(("its_set", "ps_set")), name
    unit = variant.find("an505").product.flash.program_unit
    for name, size in (("its_set_64", 64), ("its_set_512", 512)):
        assert size <= measured[name]["bytes"] <= size + 64, "the data and a record's frame"
        assert measured[name]["programs"] * unit == measured[name]["bytes"]


@pytest.mark.parametrize("level", LEVELS)
def test_goals_are_met(level: int) -> None:
    """The cost of a call is a promise: tests/bench/goals.toml, shown in docs/figures.md."""
    metrics, _ = measure(level)
    limits = {
        "instructions": GOALS["instructions"] | GOALS["not_reached"],
        "erases": GOALS["erases"],
    }
    above = {
        f"{name}: {what}": (metrics[name][what], goals[level - 1])
        for what in limits
        for name, goals in limits[what].items()
        if metrics[name][what] > goals[level - 1]
    }
    assert above == {}, "taken, limit"


def test_what_is_not_reached_is_said() -> None:
    """A goal is not on the list of those that are not reached once it is, at every level."""
    for name, limits in GOALS["not_reached"].items():
        goals = GOALS["instructions"][name]
        assert any(limit > goal for limit, goal in zip(limits, goals, strict=True)), name


@pytest.mark.parametrize("level", LEVELS)
def test_a_call_runs_through_little_code(level: int) -> None:
    """As docs/figures.md counts: who reads along psa_its_set() has so many functions to read."""
    _, found = measure(level)
    assert found.unknown == 0, "each function has a source"
    assert {"spm/entry.S", "services/its/its.c"} <= set(dict(found.files))
    told = "\n".join(
        [f"{image} {name}()" for (image, name), _ in found.functions]
        + [name for name, _ in found.files]
    )
    assert len(found.functions) <= GOALS["path"]["functions"], told
    assert len(found.files) <= GOALS["path"]["files"], told


def test_erases_are_counted(level1: bench.Bench, tmp_path: Path) -> None:
    """On a device whose storage region was left unerased, the first object needs an erase."""
    product = level1.variant.product
    signed = {each.name: level1.variant.signed(each.world).read_bytes() for each in product.images}
    readings = []
    for spoil in (False, True):
        flash = tmp_path / f"{spoil}.bin"
        device.create(flash, product, bench.SEED, key_folder=level1.variant.key_folder)
        device.update_images(flash, product, signed)
        if spoil:
            region = device.find_region(product, "its")
            for start in range(0, region.size, product.flash.sector_size):
                device.write(flash, product, region.offset + start, bytes(8))
        trace = level1._power_on(tmp_path, flash, "first", None)
        readings.append(trace.points[level1.points["bench_end_its_set_64"]][0])
    assert readings[0].erases == 0
    assert readings[1].erases > 0
    assert readings[1].programmed_bytes < product.flash.sector_size, "an erase programs nothing"


def test_the_mount_is_that_of_a_full_store(level1: bench.Bench, tmp_path: Path) -> None:
    """store_mount_64 is told of 64 assets of 64 bytes, no sector free but one, and a newest sector
    that has no room for another record: the mount with the most to read."""
    product = level1.variant.product
    flash = tmp_path / "device.bin"
    signed = {each.name: level1.variant.signed(each.world).read_bytes() for each in product.images}
    device.create(flash, product, bench.SEED, key_folder=level1.variant.key_folder)
    device.update_images(flash, product, signed)
    first = level1._power_on(tmp_path, flash, "first", None)
    assert first.rows["store_mount_64"][0] == bench.NOT_SUPPORTED, "nothing is stored yet"
    assert first.rows["prepare_store_mount_64"][0] == 0
    stores = store_view.describe_all(flash, product, store_view.regions(product))
    assert [each for one in stores for each in one["findings"]] == [], "./bz store check"
    told = next(each for each in stores if each["region"] == "its")
    assert {each["size"] for each in told["objects"]} == {64} and len(told["objects"]) == 64
    assert told["sectors_of_log"] == told["sectors"] - 1
    record = told["record_bytes"] // 64
    assert told["usage"]["room"] < 2 * record, "change SETS_MORE in tests/bench/ns/storage.c"
    warm = level1._power_on(tmp_path, flash, "warm", None)
    begin, end = (level1.points[f"bench_{which}_store_mount_64"] for which in ("begin", "end"))
    taken = [
        after.instructions - before.instructions
        for before, after in zip(warm.points[begin], warm.points[end], strict=True)
    ]
    assert len(taken) == 2 and taken[0] > 2 * taken[1], "only the first call mounts"
    measured = by_name(level1.metrics({"first": first, "warm": warm}))["store_mount_64"]
    assert measured["instructions"] == taken[0] - taken[1]
    assert (measured["erases"], measured["programs"]) == (0, 0), "mounting writes nothing"


def test_many_calls_have_their_share_of_erases(measured: dict[str, Any]) -> None:
    many, one = measured["its_set_64_amortised"], measured["its_set_64"]
    assert many["calls"] == bench.CALLS["its_set_64_amortised"]
    assert many["erases"] * many["calls"] > 5, "or the share of one call says nothing"
    assert 0 < many["erases"] < 1
    assert one["programs"] <= many["programs"] < 2 * one["programs"]
    assert one["instructions"] <= many["instructions"] < 2 * one["instructions"]
    source = (bench.SOURCE / "ns" / "storage.c").read_text("utf-8")
    assert f"#define AMORTISED_SETS {many['calls']}U" in source


@pytest.mark.slow
def test_goals_of_storage_are_met() -> None:
    """Of profile large at level 2, as docs/figures.md shows them."""
    goals = GOALS["storage"]
    above = {}
    for name, each in figures.measure_storage().items():
        if name in figures.STORAGE:
            limit = goals["not_reached"].get(name, goals[name])
            if each["instructions"] > limit:
                above[name] = each["instructions"], limit
            if each["erases"] > goals["erases"].get(name, 0):
                above[f"{name}: erases"] = each["erases"], goals["erases"].get(name, 0)
    assert above == {}, "taken, limit"


def test_what_storage_does_not_reach_is_said() -> None:
    goals = GOALS["storage"]
    assert all(limit > goals[name] for name, limit in goals["not_reached"].items())


def test_a_start_runs_no_partition(level1: bench.Bench, measured: dict[str, Any]) -> None:
    """Services start with their first call: nothing is mounted, seeded or derived before."""
    codes = [
        (
            level1._address("secure", f"__part_{name}_code_start"),
            level1._address("secure", f"__part_{name}_code_end"),
        )
        for name in ("crypto", "its", "attestation", "platform")
    ]
    executed = level1.executed("secure_main_to_ns_warm")
    assert len(executed) > 100
    assert [hex(at) for at in executed for start, end in codes if start <= at < end] == []
    start = measured["secure_main_to_ns_warm"]
    assert (start["erases"], start["programs"]) == (0, 0)


def test_levels_differ_where_the_processor_switches_regions(measured: dict[str, Any]) -> None:
    other = bench.Bench(variant.find("an505", 3))
    level3 = by_name(other.metrics(other.run()))
    assert level3["psa_framework_version"] == measured["psa_framework_version"]
    name = "psa_call_0vec_sfn"
    assert level3[name]["instructions"] > measured[name]["instructions"]


@pytest.mark.slow
def test_the_framework_takes_the_same_on_another_board(measured: dict[str, Any]) -> None:
    one = bench.Bench(variant.find("an521", 1))
    others = by_name(one.metrics(one.run()))
    for name in FRAMEWORK:
        ours, other = (found[name]["instructions"] for found in (measured, others))
        assert abs(other - ours) <= OTHER_BOARD * ours, (name, ours, other)


# --- time with interrupts masked ------------------------------------------------------------------


def test_the_longest_masked_run_is_told(level1: bench.Bench, measured: dict[str, Any]) -> None:
    told = measured[masks.METRIC]
    executions = level1.executed(masks.METRIC)
    assert sum(executions.values()) == told["instructions"]
    found = profile.make(executions, level1.images, level1.symbols)
    assert "spm/entry.S" in dict(found.files) and found.unknown == 0
    assert {image for (image, _), _ in found.functions} == {"secure"}
    names = masks.Names(level1.symbols)
    assert {told["begin"], told["end"]} <= {names.of(address) for address in executions}


def masked_with(
    level1: bench.Bench, monkeypatch: pytest.MonkeyPatch, change: Callable[[list[str]], list[str]]
) -> masks.Run:
    """The longest run if the plugin is asked otherwise."""
    right = masks.requests
    monkeypatch.setattr(masks, "requests", lambda *known: change(right(*known)))
    return level1.run()["first"].masked


def test_a_longer_masked_run_shows(
    level1: bench.Bench, measured: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the manager never let interrupts through in what takes long."""
    run = masked_with(
        level1, monkeypatch, lambda lines: [line for line in lines if "lowered" not in line]
    )
    assert run.instructions > 2 * measured[masks.METRIC]["instructions"]


def test_cps_counts(
    level1: bench.Bench, measured: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if it masked them with CPSID where it has lowered the trap, until it raises it again."""

    def change(lines: list[str]) -> list[str]:
        pairs = (("lowered", "disable"), ("raised", "restore"))
        return lines + [
            line.replace(label, effect)
            for label, effect in pairs
            for line in lines
            if line.startswith(label)
        ]

    run = masked_with(level1, monkeypatch, change)
    assert run.instructions > 2 * measured[masks.METRIC]["instructions"]


def test_masks_that_are_not_labelled_are_refused(level1: bench.Bench) -> None:
    run = level1.run()["first"].masked
    assert run.stores, "the plugin sees the stores"
    some = {
        image: [each for each in symbols if masks.meaning_of(each.name) != "lowered"]
        for image, symbols in level1.symbols.items()
    }
    with pytest.raises(BzError, match="the trap's priority is written before .* has no label"):
        masks.check(run, some)
    with pytest.raises(BzError, match="the secure image has no symbol spm_priority_lowered"):
        masks.requests(level1.images["secure"], some["secure"], 0)
    moved = [
        each._replace(address=each.address - 2 * (masks.meaning_of(each.name) == "leave"))
        for each in level1.symbols["secure"]
    ]
    with pytest.raises(BzError, match="does not stand at a `bx lr`"):
        masks.requests(level1.images["secure"], moved, 0)


def test_an_exit_without_label_is_refused(
    level1: bench.Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = level1._address("secure", "spm_trap_entry")
    outside = level1._address("nonsecure", "main")
    with pytest.raises(BzError, match="the handler's exit was not seen before main ran"):
        masks.check(masks.Run(2, [trap, outside], []), level1.symbols)
    with pytest.raises(BzError, match="the emulator ended with exit code 1") as told:
        masked_with(
            level1, monkeypatch, lambda lines: [line for line in lines if "leave" not in line]
        )
    assert "secure exceptions began and none ended" in told.value.details


# --- profiles -------------------------------------------------------------------------------------


def test_profile_adds_up(level1: bench.Bench, measured: dict[str, Any]) -> None:
    found = profile.make(level1.executed("its_set_64"), level1.images, level1.symbols)
    assert found.instructions == measured["its_set_64"]["instructions"]
    names = {name for (_, name), _ in found.functions}
    assert {"psa_its_set", "psa_its_sfn", "platform_flash_program", "store_set"} <= names
    files = dict(found.files)
    assert {"spm/entry.S", "spm/call.c", "services/its/its.c", "lib/store/store.c"} <= set(files)
    outside = [name for name in files if name.startswith(("/", "."))]
    assert outside == [], "paths are those of the checkout"
    in_functions = sum(count for _, count in found.functions)
    assert in_functions == sum(files.values()) + found.unknown
    assert 0 <= found.instructions - in_functions < 20, "the measuring application's own"


def test_profile_of_a_start() -> None:
    done = bz("bench", "--isolation", "1", "--profile-functions", "boot_to_ns_warm", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert {each["image"] for each in told["functions"]} == {"boot", "secure"}
    assert "boot/verify.c" in [each["name"] for each in told["files"]]


def test_profile_for_a_person() -> None:
    done = bz("bench", "--isolation", "1", "--profile-functions", "psa_version")
    assert re.search(
        r"^psa_version on an505-i1-medium: \d+ instructions, \d+ functions", done.stdout
    )
    assert "call_trap_version()" in done.stdout


def test_profile_of_an_unknown_metric() -> None:
    done = bz("bench", "--isolation", "1", "--profile-functions", "psa_verson")
    assert done.returncode == 1
    assert "an505-i1-medium has no operation 'psa_verson'" in done.stderr


# --- the derived product --------------------------------------------------------------------------


def test_images_carry_the_real_services(level1: bench.Bench) -> None:
    real = variant.find("an505", 1).product
    derived = level1.variant.product
    assert [each.name for each in derived.partitions] == [
        *(each.name for each in real.partitions),
        *bench.PARTITIONS,
    ]
    assert (derived.isolation, derived.profile_values) == (1, real.profile_values)


def test_a_release_product_is_measured_with_a_seed_all_the_same(tmp_path: Path) -> None:
    declaration = tmp_path / "released.toml"
    declaration.write_text(
        'extends = "products/an505.toml"\n[product]\nname = "released"\nrelease = true\n', "utf-8"
    )
    found = variant.find(str(declaration))
    assert found.product.release
    try:
        assert not bench.derive(found).product.release
    finally:
        (bench.FOLDER / "released.toml").unlink()


def test_no_other_device_trusts_the_keys(level1: bench.Bench, tmp_path: Path) -> None:
    found = image.parse(level1.variant.signed("secure").read_bytes())
    keys.ensure(level1.measured.product)
    for name in keys.names_of(level1.measured.product):
        assert keys.digest(keys.path_of(name)) not in found.signer_ids
    made = device.new_provisioning(level1.variant.product, 1, level1.variant.key_folder)
    assert set(found.signer_ids) <= set(made.anchors[0])


def test_the_measured_device_is_always_the_same(
    level1: bench.Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Of all that it holds only the numbers of a run show little: so compare every byte."""
    digests = []

    def power_off_at_once(folder: Path, flash: Path, *_: object) -> bench.Trace:
        digests.append(hashlib.sha256(flash.read_bytes()).hexdigest())
        return bench.Trace()

    monkeypatch.setattr(level1, "_power_on", power_off_at_once)
    level1.run()
    level1.run()
    assert len(digests) == 4 and len(set(digests)) == 1


def test_time_follows_the_instructions(
    level1: bench.Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []

    class Started(Exception):
        pass

    def emulator(_board: object, _flash: Path, _kernel: Path, extra: list[str]) -> None:
        started.append(extra)
        raise Started

    monkeypatch.setattr(bench, "Emulator", emulator)
    with pytest.raises(Started):
        level1.run()
    assert "-icount shift=0,sleep=off" in " ".join(started[0])


def test_known_keys_are_always_the_same(tmp_path: Path) -> None:
    product = variant.find("an505").product
    for folder in ("one", "two"):
        keys.make_known(product, tmp_path / folder)
    digests = [
        [keys.digest(keys.path_of(name, tmp_path / folder)) for name in keys.names_of(product)]
        for folder in ("one", "two")
    ]
    assert digests[0] == digests[1]
    assert len(set(digests[0])) == len(digests[0])


def test_the_plugin_fits_the_emulator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bench, "FOLDER", tmp_path)
    for version, api in (("7.2.22 (Debian 1:7.2)", 1), ("8.2.1", 1), ("10.0.2 (Debian)", 2)):
        monkeypatch.setattr(bench, "qemu_version", lambda version=version: version)
        assert bench.build_plugin() == tmp_path / f"plugin{api}.so"


# --- the page -------------------------------------------------------------------------------------


def test_the_page_has_a_storage_table() -> None:
    ours = {
        "its_set_64": {"instructions": 2219, "erases": 0, "programs": 12},
        "its_set_512": {"instructions": 8001, "erases": 1, "programs": 68},
        "its_set_64_amortised": {
            "instructions": 2401,
            "erases": 0.04,
            "programs": 12,
            "calls": 500,
        },
    }
    peers = tomllib.loads(figures.PEERS.read_text("utf-8"))
    text = figures._storage(ours, peers["storage"], GOALS["storage"])
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == len(figures.STORAGE)
    by_title = {row[0].removeprefix("| "): row[1:] for row in rows}
    row = by_title[figures.TITLES["its_set_64"]]
    assert row == ["2,219", "3,000", "0 / 12", "0", "26,777", "2 / 8 |"]
    row = by_title[figures.TITLES["its_set_512"]]
    assert row[:4] == ["**8,001**", "8,000", "**1** / 68", "0"]
    row = by_title[figures.TITLES["its_set_64_amortised"]]
    assert row[:4] == ["2,401", "3,000", "**0.04** / 12", "0.03"]
    row = by_title[figures.TITLES["ps_set_64"]]
    assert row[:4] == ["-", "30,000", "-", "0"], "not in this product"


@pytest.mark.slow
def test_figures_are_written_twice_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(figures, "FILE", tmp_path / "figures.md")
    assert figures.write() is True
    text = figures.FILE.read_text("utf-8")
    assert figures.write() is False
    assert figures.FILE.read_text("utf-8") == text
    for word in ("TF-M v2.2.2", bench.qemu_version(), "./bz bench", "| large |"):
        assert word in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in rows)


def test_figures_in_the_tree_have_every_metric(measured: dict[str, Any]) -> None:
    text = figures.FILE.read_text("utf-8")
    for name in measured:
        assert f"| {figures.TITLES[name]}" in text, "run ./bz bench --figures"


def test_build_of_the_real_product_has_no_bench() -> None:
    found = variant.find("an505", 1)
    build.build(found)
    assert not {each.name for each in found.product.partitions} & set(bench.PARTITIONS)
    assert not (found.directory / "bin" / "bench.elf").exists()
