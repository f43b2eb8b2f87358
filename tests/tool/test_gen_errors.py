"""Wrong declarations: each is refused with its file, its line, what is wrong and what to do.

A case changes one place of the workshop's product or of a manifest. The line that the message must
name is the one that contains the marker after the change.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from gen_cases import APP, CASES, ITS, NTH, PRODUCT, Case
from gen_workshop import Workshop

from gen import manifest as manifest_module
from gen.source import ProductError

ROOT = Path(__file__).resolve().parents[2]


def line_of(text: str, marker: str) -> int:
    """Lines are counted here on their own, not by what is tested."""
    wanted, nth = NTH.get(marker, (marker, 1))
    found = [number for number, line in enumerate(text.splitlines(), 1) if wanted in line]
    assert len(found) >= nth, f"{marker!r} is in lines {found}"
    return found[nth - 1]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_refused(workshop: Workshop, case: Case) -> None:
    workshop.change(case.file, case.old, case.new)
    text = (workshop.root / case.file).read_text()
    with pytest.raises(ProductError) as caught:
        workshop.load()
    message = str(caught.value)
    assert message.startswith(f"{case.file}:{line_of(text, case.marker)}: "), message
    for part in case.parts:
        assert part in message
    assert "; " in message and "\n" not in message


def test_the_unchanged_workshop_is_accepted(workshop: Workshop) -> None:
    for isolation in (1, 2, 3):
        for profile in ("small", "medium"):
            assert workshop.load(isolation=isolation, profile=profile).isolation == isolation


# ---- Refusals that need more than one change -----------------------------------------------------


def refusal(workshop: Workshop, **options) -> str:
    with pytest.raises(ProductError) as caught:
        workshop.load(**options)
    return str(caught.value)


def test_unknown_product(workshop: Workshop) -> None:
    message = refusal(workshop, product="bensh")
    assert message.startswith("products/bensh.toml: there is no product 'bensh'")
    assert "did you mean 'bench'?" in message


def test_missing_product_file(workshop: Workshop) -> None:
    assert "cannot read other/x.toml: No such file" in refusal(workshop, product="other/x.toml")


@pytest.mark.parametrize("isolation", (0, 4, -1))
def test_asked_isolation(workshop: Workshop, isolation: int) -> None:
    line = workshop.line(PRODUCT, "isolation = 3")
    assert refusal(workshop, isolation=isolation).startswith(
        f"{PRODUCT}:{line}: isolation {isolation} does not exist; choose 1, 2 or 3"
    )


def test_asked_profile(workshop: Workshop) -> None:
    assert "profile 'larg' does not exist; known: small, medium" in refusal(
        workshop, profile="larg"
    )


def test_extends_a_missing_file(workshop: Workshop) -> None:
    workshop.write("products/child.toml", '# a child\nextends = "bensh.toml"\n')
    message = refusal(workshop, product="child")
    assert message.startswith("products/child.toml:2: cannot read bensh.toml")


def test_extends_in_a_circle(workshop: Workshop) -> None:
    workshop.write("products/a.toml", 'extends = "b.toml"\n')
    workshop.write("products/b.toml", 'extends = "a.toml"\n')
    assert refusal(workshop, product="a").startswith("products/b.toml:1: 'extends' leads back to")


def test_extends_is_not_a_text(workshop: Workshop) -> None:
    workshop.write("products/child.toml", "extends = 5\n")
    assert refusal(workshop, product="child").startswith("products/child.toml:1: 'extends'")


def test_a_wrong_key_of_an_extension_is_reported_there(workshop: Workshop) -> None:
    workshop.write("products/child.toml", 'extends = "bench.toml"\n[flash]\n\nsector_size = 3000\n')
    assert refusal(workshop, product="child").startswith("products/child.toml:4: sector_size 3000")


def test_overlap_between_two_files(workshop: Workshop) -> None:
    workshop.write(
        "products/child.toml",
        'extends = "bench.toml"\n\n[[region]]\nname = "more"\n'
        'offset = 0x01_8000\nsize = 0x1000\nowner = "none"\n',
    )
    message = refusal(workshop, product="child")
    assert message.startswith(
        "products/child.toml:3: region 'more' (0x18000..0x18fff) overlaps "
        "region 'its' (0x10000..0x1ffff, products/bench.toml:"
    )


def test_two_manifests_with_one_header(workshop: Workshop) -> None:
    workshop.write(
        "services/more/app_manifest.yaml",
        (workshop.root / APP).read_text().replace("BENCH_APP", "MORE"),
    )
    workshop.write(
        "products/child.toml",
        'extends = "bench.toml"\n[[partition]]\nname = "more"\n'
        'id = 0x300\nmanifest = "services/more/app_manifest.yaml"\n',
    )
    message = refusal(workshop, product="child")
    assert message.startswith(
        "products/child.toml:5: psa_manifest/app_manifest.h would also be made"
    )


def test_device_registers_have_one_owner(workshop: Workshop) -> None:
    workshop.write(
        ITS,
        (workshop.root / ITS).read_text()
        + "mmio_regions:\n  - name: TIMER0\n    permission: READ-ONLY\n",
    )
    message = refusal(workshop)
    assert message.startswith(f"{ITS}:")
    assert "overlaps mmio region 'TIMER0' of partition 'app'" in message


def test_more_than_32_stateless_services(workshop: Workshop) -> None:
    services = "".join(
        f"  - name: S{index}\n    sid: {0x1000 + index}\n    connection_based: false\n"
        f"    non_secure_clients: true\n"
        for index in range(31)
    )
    workshop.change(APP, "services:\n", "services:\n" + services)
    assert "more than 32 stateless services" in refusal(workshop)


def test_empty_manifest(workshop: Workshop) -> None:
    workshop.write(APP, "# nothing\n")
    assert refusal(workshop) == f"{APP}:1: the file is empty; write the keys of a manifest"


def test_manifest_that_contains_itself(workshop: Workshop) -> None:
    workshop.write(APP, "psa_framework_version: &a\n  - *a\n")
    assert "nested deeper" in refusal(workshop)


def test_manifest_that_is_a_list(workshop: Workshop) -> None:
    workshop.write(APP, "- a\n- b\n")
    assert refusal(workshop).startswith(f"{APP}:1: the manifest must be a table, not a list")


def test_manifest_that_is_not_text(workshop: Workshop) -> None:
    (workshop.root / APP).write_bytes(b"\xff\xfe\x00")
    assert "is not UTF-8 text" in refusal(workshop)


def test_framework_1_0_is_the_ipc_model(workshop: Workshop) -> None:
    text = (workshop.root / APP).read_text()
    workshop.write(APP, text.replace("version: 1.1", "version: 1.0").replace("model: SFN\n", ""))
    assert refusal(workshop).startswith(f"{APP}:1: IPC model is not available in this version")


def test_signals_of_a_large_ipc_partition(workshop: Workshop, monkeypatch) -> None:
    monkeypatch.delitem(manifest_module.UNAVAILABLE, "IPC model")
    services = "".join(
        f"  - name: S{index}\n    sid: {0x1000 + index}\n    non_secure_clients: true\n"
        for index in range(28)
    )
    workshop.change(APP, "model: SFN\nentry_init", "model: IPC\nentry_point")
    workshop.change(APP, "services:\n", "services:\n" + services)
    assert "29 services and 0 interrupts need more than 28 signals" in refusal(workshop)


# ---- Command line --------------------------------------------------------------------------------


def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gen", *map(str, arguments)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "tools")},
        capture_output=True,
        text=True,
    )


def test_command_reports_without_a_traceback(tmp_path: Path) -> None:
    product = tmp_path / "wrong.toml"
    product.write_text("[product]\nnaem = 1\n")
    result = command("--product", product, "--out", tmp_path / "out")
    assert result.returncode == 2
    assert result.stderr == (
        f"{product}:2: unknown key 'naem' in [product]; did you mean 'name'?\n"
    )
    assert result.stdout == "" and not (tmp_path / "out").exists()


def test_command_with_an_unknown_isolation(tmp_path: Path) -> None:
    result = command("--product", "an505", "--isolation", "7", "--out", tmp_path / "out")
    assert result.returncode == 2
    assert "isolation 7 does not exist; choose 1, 2 or 3" in result.stderr
