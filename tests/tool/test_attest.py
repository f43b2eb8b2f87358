"""bz attest and the token format: the golden vector of docs/formats/token.md, made again with cbor2
and RFC 6979; what is refused and how it is said; the forms in which a token comes.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import cbor2
import pytest
from bz_support import BZ, bz
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bz import attest, device, paths, variant
from bz.commands import run
from bz.emulator import APPLICATION, SECURE, Board, Emulator, Line

SCALAR = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721
KEY = ec.derive_private_key(SCALAR, ec.SECP256R1())
POINT = KEY.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
ES256 = bytes.fromhex("a10126")


def run_of(first: int, length: int = 32) -> bytes:
    return bytes(range(first, first + length))


def golden_claims() -> dict[int, Any]:
    return {
        10: run_of(0),
        256: b"\x01" + hashlib.sha256(POINT).digest(),
        265: "tag:psacertified.org,2023:psa#tfm",
        268: run_of(0x20),
        2394: -1,
        2395: 0x3000,
        2396: run_of(0x40),
        2399: [
            {1: "PRoT", 2: run_of(0x60), 4: "1.2.3", 5: run_of(0x80), 6: "sha-256"},
            {
                1: "App",
                2: run_of(0xA0),
                4: "255.255.65535+4294967295",
                5: run_of(0xC0),
                6: "sha-256",
            },
        ],
    }


def sign(payload: bytes, protected: bytes = ES256, unprotected: Any = None, tag: int = 18) -> bytes:
    signed = cbor2.dumps(["Signature1", protected, b"", payload])
    pair = decode_dss_signature(
        KEY.sign(signed, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    )
    signature = b"".join(number.to_bytes(32, "big") for number in pair)
    return cbor2.dumps(cbor2.CBORTag(tag, [protected, unprotected or {}, payload, signature]))


def token_with(**changes: Any) -> bytes:
    """The golden token with other claims: c10=..., or None to leave one out."""
    claims = golden_claims()
    for name, value in changes.items():
        key = int(name[1:])
        if value is None:
            del claims[key]
        else:
            claims[key] = value
    return sign(cbor2.dumps(claims))


def golden_of_the_page() -> bytes:
    page = (paths.ROOT / "docs" / "formats" / "token.md").read_text("utf-8")
    return bytes.fromhex(re.search(r"```\n(d284[0-9a-f\n]+)```", page)[1])


def test_golden_vector_is_what_others_make() -> None:
    golden = golden_of_the_page()
    assert golden == sign(cbor2.dumps(golden_claims(), canonical=True))
    claims = attest.verify(golden, POINT, run_of(0))
    assert claims.boot_seed == run_of(0x20) and claims.life_cycle_text == "secured"
    assert [each.version for each in claims.components] == ["1.2.3", "255.255.65535+4294967295"]


def test_any_encoding_and_unknown_claims_are_accepted() -> None:
    """RFC 9783, 5.1.1: a verifier tolerates variation and ignores what it does not know."""
    claims = golden_claims() | {2400: "https://verifier.example", -70000: [1, 2]}
    del claims[268]
    payload = cbor2.dumps(dict(reversed(claims.items())))
    found = attest.verify(sign(payload), POINT)
    assert found.boot_seed == b"" and found.others == {
        2400: "https://verifier.example",
        -70000: [1, 2],
    }


REFUSED = {
    "no CBOR": (b"\xff", "well-formed"),
    "nothing": (b"", "well-formed"),
    "a huge length": (bytes.fromhex("d2845bffffffffffffffff"), "well-formed"),
    "deep nesting": (b"\x81" * 1000 + b"\x00", "well-formed"),
    "behind the end": (golden_of_the_page() + b"\0", "behind its end"),
    "untagged": (golden_of_the_page()[1:], "tag 18"),
    "another tag": (sign(cbor2.dumps(golden_claims()), tag=17), "tag 18"),
    "another algorithm": (sign(cbor2.dumps(golden_claims()), bytes.fromhex("a1013822")), "ES256"),
    "no algorithm": (sign(cbor2.dumps(golden_claims()), b""), "ES256"),
    "an unprotected header": (sign(cbor2.dumps(golden_claims()), unprotected={4: b"k"}), "empty"),
    "three parts": (cbor2.dumps(cbor2.CBORTag(18, [ES256, {}, b""])), "four parts"),
    "a payload of text": (
        cbor2.dumps(cbor2.CBORTag(18, [ES256, {}, "", bytes(64)])),
        "byte string",
    ),
    "a short signature": (cbor2.dumps(cbor2.CBORTag(18, [ES256, {}, b"", bytes(63)])), "63 bytes"),
    "a zero signature": (cbor2.dumps(cbor2.CBORTag(18, [ES256, {}, b"", bytes(64)])), "signature"),
    "a payload of no map": (sign(cbor2.dumps([1])), "map of claims"),
    "a key twice": (sign(bytes.fromhex("a2010a010b")), "well-formed"),
    "an indefinite length": (sign(bytes.fromhex("bfff")), "well-formed"),
    "another profile": (token_with(c265="tag:psacertified.org,2019:psa#legacy"), "profile"),
    "no profile": (token_with(c265=None), "profile"),
    "no challenge": (token_with(c10=None), "challenge"),
    "a challenge of 33": (token_with(c10=bytes(33)), "challenge"),
    "two challenges": (token_with(c10=[bytes(32)] * 2), "challenge"),
    "another device": (token_with(c256=bytes(33)), "instance id"),
    "a short instance id": (token_with(c256=bytes(32)), "instance id"),
    "no client": (token_with(c2394=None), "client id"),
    "client 0": (token_with(c2394=0), "client id"),
    "client true": (token_with(c2394=True), "client id"),
    "a wide client": (token_with(c2394=1 << 31), "client id"),
    "not secured": (token_with(c2395=0x2000), "life cycle"),
    "open to debug": (token_with(c2395=0x5000), "life cycle"),
    "a wide life cycle": (token_with(c2395=0x13000), "life cycle"),
    "no implementation": (token_with(c2396=None), "implementation id"),
    "no software": (token_with(c2399=None), "software components"),
    "empty software": (token_with(c2399=[]), "software component"),
    "software of no map": (token_with(c2399=[1]), "software component"),
    "no measurement": (token_with(c2399=[{5: bytes(32)}]), "measurement"),
    "no signer": (token_with(c2399=[{2: bytes(32)}]), "signer id"),
    "a seed of 7": (token_with(c268=bytes(7)), "boot seed"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_good_token_is_refused(name: str) -> None:
    token, why = REFUSED[name]
    with pytest.raises(attest.TokenError, match=why):
        attest.verify(token, POINT)


def test_every_changed_bit_is_refused() -> None:
    golden = golden_of_the_page()
    for bit in range(8 * len(golden)):
        changed = bytearray(golden)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(attest.TokenError):
            attest.verify(bytes(changed), POINT)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "device.pem"
    path.write_bytes(PEM)
    return path


@pytest.mark.parametrize("form", ("binary", "hexadecimal", "log"))
def test_a_token_comes_in_three_forms(form: str, tmp_path: Path, key_file: Path) -> None:
    golden = golden_of_the_page()
    rows = [golden[start : start + 64].hex() for start in range(0, len(golden), 64)]
    data = {
        "binary": golden,
        "hexadecimal": "\n".join(rows).encode(),
        "log": "".join(
            f"application | demo: {row}\n"
            for row in (
                "challenge 00ff",
                "token 1234",
                "challenge " + run_of(0).hex(),
                *(f"token {row}" for row in rows),
                "done",
            )
        ).encode(),
    }[form]
    (tmp_path / "token").write_bytes(data)
    done = bz(
        "attest",
        "verify",
        tmp_path / "token",
        "--key",
        key_file,
        "--json",
        "--challenge",
        run_of(0).hex(),
        "--client",
        "-1",
    )
    told = json.loads(done.stdout)
    assert done.returncode == 0 and told["verified"] and told["claims"]["client_id"] == -1
    piped = subprocess.run(
        [BZ, "attest", "verify", "-", "--key", key_file],
        input=data,
        capture_output=True,
        check=False,
    )
    assert piped.returncode == 0 and b"token verified: 481 bytes" in piped.stdout


def test_refusals_have_an_exit_code_and_a_reason(tmp_path: Path, key_file: Path) -> None:
    token = tmp_path / "token"
    token.write_bytes(golden_of_the_page())
    for arguments, why in (
        (["--challenge", "00" * 32], "replayed"),
        (["--client", "512"], "made for non-secure -1"),
    ):
        done = bz("attest", "verify", token, "--key", key_file, *arguments)
        assert (
            done.returncode == 1
            and f"REFUSED: {'challenge is another' if why == 'replayed' else 'it was'}"
            in done.stdout
        )
        assert why in done.stdout
        told = json.loads(
            bz("attest", "verify", token, "--key", key_file, *arguments, "--json").stdout
        )
        assert not told["ok"] and why in told["error"]
    shown = bz("attest", "show", token)
    assert shown.returncode == 0 and shown.stdout.startswith("NOT verified")


@pytest.mark.parametrize(
    "arguments, cause",
    (
        (("verify", "nowhere"), "nowhere"),
        (("verify", "TOKEN", "--challenge", "zz"), "not hexadecimal"),
        (("verify", "TOKEN", "--key", "TOKEN"), "no public key"),
        (("verify", "TOKEN", "--device", "nowhere"), "no device file"),
        (("show", "EMPTY"), "no token"),
        (("key", "nowhere"), "no device file"),
    ),
)
def test_wrong_use_says_what_to_do(arguments: tuple[str, ...], cause: str, tmp_path: Path) -> None:
    (tmp_path / "TOKEN").write_bytes(golden_of_the_page())
    (tmp_path / "EMPTY").write_bytes(b"hello\n")
    done = subprocess.run(
        [BZ, "attest", *arguments], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode in (1, 2)
    assert cause in done.stderr and "next: " in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("before", ["", "application | ", "2026-11-25 12:00:00 "])
def test_a_log_of_any_application(before: str) -> None:
    golden = golden_of_the_page()
    parts = golden[:64].hex(), golden[64:].hex()
    lines = ["meter-2: challenge 00", *(f"meter-2: token {each}" for each in parts)]
    log = "".join(f"{before}{line}\n" for line in ["meter-2: started", *lines, "meter-2: done"])
    assert attest.read_token(log.encode()) == golden


def test_run_fails_without_a_good_token(tmp_path: Path) -> None:
    """A board that prints no token, or one that another device signed."""
    found = variant.find()
    path = tmp_path / "device.bin"
    device.create(path, found.product, seed=1)
    board = Emulator(Board.of(found.product), path, found.boot_elf)
    step = run.judge_token(found, path, board)
    assert not step["ok"] and "there was none" in step["step"]
    golden = golden_of_the_page()
    board.transcript = [
        Line(1.0, SECURE, "demo: token 00"),
        Line(1.0, APPLICATION, "demo: challenge " + run_of(0).hex()),
        Line(1.0, APPLICATION, "demo: token " + golden.hex()),
    ]
    step = run.judge_token(found, path, board)
    assert not step["ok"] and "signature does not verify" in step["step"]
