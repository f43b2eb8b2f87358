"""The tools of the SDK, misused: each refusal names the file, the cause and the next step, and
leaves nothing behind. (That they work is proved in test_sdk_boot.py.)
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sdk_support import APPS, compile_app, described, refusal, run

from bz import image, keys, paths, process, sdk_tools
from bz.console import BzError

SLOT, HEADER, ROOM = 0x100000, 0x400, 0x100000 - 0x400 - 0x2000
STACK, RESET = 0x28210000, 0x80200441


def payload(size: int = 1024, stack: int = STACK, reset: int = RESET) -> bytes:
    return stack.to_bytes(4, "little") + reset.to_bytes(4, "little") + bytes(max(0, size - 8))


@pytest.fixture
def binary(tmp_path: Path) -> Path:
    path = tmp_path / "app.bin"
    path.write_bytes(payload())
    return path


@pytest.fixture
def signed(the_sdk: Path, binary: Path) -> Path:
    """Bytes that are signed well; they do not run."""
    run(the_sdk / "tools" / "sign_ns", binary, binary.with_name("signed.bin"))
    return binary.with_name("signed.bin")


def left(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


# ---- sign_ns -------------------------------------------------------------------------------------


def test_sign_ns(the_sdk: Path, binary: Path) -> None:
    """What is asked for is in the image, and twice the same bits."""
    tool, out = the_sdk / "tools" / "sign_ns", binary.with_name("out.bin")
    words = ("--version", "3.2.1+7", "--security-counter", "9")
    for _ in range(2):
        said = run(tool, *words, binary, out).stdout
        assert said.startswith(f"signed {out}: version 3.2.1+7, ")
        found = image.parse(out.read_bytes())
        assert (found.check(), found.version, found.security_counter) == ("", "3.2.1+7", 9)
        assert found.signer_ids == [keys.digest(the_sdk / "keys" / "ns_signing_dev.pem")]
    first = hashlib.sha256(out.read_bytes()).digest()
    run(tool, *words, binary, out)
    assert hashlib.sha256(out.read_bytes()).digest() == first
    run(tool, binary, out)
    assert image.parse(out.read_bytes()).version == described(the_sdk)["version"]


def test_sign_ns_with_another_key(the_sdk: Path, binary: Path, tmp_path: Path) -> None:
    """The image is good, but not on devices of this SDK."""
    keys.make(tmp_path / "mine.pem")
    out, tools = tmp_path / "out.bin", the_sdk / "tools"
    run(tools / "sign_ns", "--key", tmp_path / "mine.pem", binary, out)
    assert image.parse(out.read_bytes()).check() == ""
    said = refusal(tools / "make_device", out, tmp_path / "device.bin")
    assert f"{out} is refused: signed with a key that the device does not trust" in said
    assert "device.bin" not in left(tmp_path)


@pytest.mark.parametrize(
    "data, said",
    [
        (payload(ROOM + 1), f"it has {ROOM + 1} bytes, 1 more than the room of {ROOM} (slot of"),
        (payload(SLOT * 2), f"slot of {SLOT}, header of {HEADER}, the rest for signatures)"),
        (b"", "is empty"),
        (b"\x00", "does not start with a vector table"),
        (payload(stack=0x38001000), "the stack, is 0x38001000"),
        (payload(stack=STACK + 4), f"the stack, is {STACK + 4:#010x}"),
        (payload(reset=0x00000101), "its reset handler is at 0x00000101"),
        (payload(reset=0x80200401 + 1024), "is linked for another place"),
        (payload(reset=RESET - 1), f"its reset handler is at {RESET - 1:#010x}"),
        (b"\x7fELF" + bytes(100), "is an ELF file"),
        (image.MAGIC.to_bytes(4, "little") + bytes(100), "is signed already"),
    ],
)
def test_sign_ns_refuses(the_sdk: Path, tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "app.bin"
    path.write_bytes(data)
    text = refusal(the_sdk / "tools" / "sign_ns", path, tmp_path / "out.bin")
    assert said in text and str(path) in text
    assert left(tmp_path) == {"app.bin"}


def test_a_result_that_is_no_file_is_kept(the_sdk: Path, signed: Path, tmp_path: Path) -> None:
    """Who says /dev/null, and may write /dev, still has it afterwards."""
    pipe, tools = tmp_path / "null", the_sdk / "tools"
    os.mkfifo(pipe)
    before = left(tmp_path)
    said = f"{pipe} is no regular file"
    assert said in refusal(tools / "sign_ns", tmp_path / "app.bin", pipe)
    assert said in refusal(tools / "make_device", "--force", signed, pipe)
    assert pipe.is_fifo() and left(tmp_path) == before


def test_the_largest_that_fits(the_sdk: Path, tmp_path: Path) -> None:
    path, out = tmp_path / "app.bin", tmp_path / "out.bin"
    path.write_bytes(payload(ROOM))
    run(the_sdk / "tools" / "sign_ns", path, out)
    run(the_sdk / "tools" / "make_device", out, tmp_path / "device.bin")


@pytest.mark.parametrize(
    "words, said",
    [
        ((), "the following arguments are required: NS_BIN, OUT"),
        (("app.bin",), "the following arguments are required: OUT"),
        (("app.bin", "out.bin", "more"), "unrecognized arguments: more"),
        (("nowhere.bin", "out.bin"), "there is no file nowhere.bin"),
        (("--version", "1.2", "app.bin", "out.bin"), "version '1.2' is not X.Y.Z"),
        (("--version", "256.0.0", "app.bin", "out.bin"), "version '256.0.0' is too large"),
        (("--security-counter", "-1", "app.bin", "out.bin"), "security counter -1"),
        (("--security-counter", "x", "app.bin", "out.bin"), "invalid int value: 'x'"),
        (("--key", "nowhere.pem", "app.bin", "out.bin"), "there is no file nowhere.pem"),
        (("--key", "app.bin", "app.bin", "out.bin"), "is not an unencrypted private key"),
    ],
)
def test_sign_ns_usage(the_sdk: Path, binary: Path, words: tuple[str, ...], said: str) -> None:
    named = [str(binary) if word == "app.bin" else word for word in words]
    text = refusal("env", "-C", binary.parent, the_sdk / "tools" / "sign_ns", *named)
    assert said in text
    assert left(binary.parent) == {"app.bin"}


def test_an_unwritable_place(the_sdk: Path, binary: Path) -> None:
    (binary.parent / "file").touch()
    out = binary.parent / "file" / "out.bin"
    assert "file" in refusal(the_sdk / "tools" / "sign_ns", binary, out)


# ---- Which Python --------------------------------------------------------------------------------


@pytest.fixture
def tools_elsewhere(the_sdk: Path, tmp_path: Path) -> Callable[[str], tuple[Path, dict[str, str]]]:
    """An SDK whose packages do not fit, and an environment with this as its only python3."""

    def get(python3: str) -> tuple[Path, dict[str, str]]:
        copied = tmp_path / "sdk"
        shutil.copytree(the_sdk, copied)
        for each in (copied / "tools" / "python").glob("_cffi_backend*"):
            each.unlink()
        (copied / "tools" / "python" / "version").write_text("python3.99\n")
        folder = tmp_path / "bin"
        folder.mkdir()
        for name in ("sh", "dirname", "readlink", "cat"):
            (folder / name).symlink_to(shutil.which(name) or name)
        (folder / "python3").write_text(f"#!/bin/sh\n{python3}\n")
        (folder / "python3").chmod(0o755)
        return copied, {"PATH": str(folder)}

    return get


def sign_with(copied: Path, binary: Path, path: str) -> subprocess.CompletedProcess[str]:
    """Not sealed: the private environment of the checkout stands for a Python with imgtool."""
    return subprocess.run(
        [copied / "tools" / "sign_ns", binary, binary.with_name("out.bin")],
        env={"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_python_that_does_not_fit(tools_elsewhere, binary: Path) -> None:
    copied, environment = tools_elsewhere('test "$1" = --version && echo "Python 3.9.2"')
    done = sign_with(copied, binary, environment["PATH"])
    assert done.returncode == 1
    assert "sign_ns: no Python here can run it: the packages of this SDK are for python3.99 on" in (
        done.stderr
    )
    assert "Python 3.9.2 has none of its own" in done.stderr and "    next: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_python_with_packages_of_its_own(tools_elsewhere, binary: Path) -> None:
    assert sys.executable.startswith(str(paths.ROOT)), "run the tests with ./bz test"
    copied, environment = tools_elsewhere(f'exec "{sys.executable}" "$@"')
    done = sign_with(copied, binary, environment["PATH"])
    assert done.returncode == 0, done.stderr
    assert image.parse(binary.with_name("out.bin").read_bytes()).check() == ""


# ---- make_device ---------------------------------------------------------------------------------


def test_devices_are_alike(the_sdk: Path, signed: Path, tmp_path: Path) -> None:
    """Each is the device whose attestation key the SDK has; its size is the board's flash."""
    tool = the_sdk / "tools" / "make_device"
    for name in ("one.bin", "other.bin"):
        run(tool, signed, tmp_path / name)
    assert (tmp_path / "one.bin").read_bytes() == (tmp_path / "other.bin").read_bytes()
    size = (tmp_path / "one.bin").stat().st_size
    assert any(f"size={size}" in word for word in described(the_sdk)["qemu"])


def test_a_device_is_not_replaced_unasked(the_sdk: Path, signed: Path, tmp_path: Path) -> None:
    tool, device = the_sdk / "tools" / "make_device", tmp_path / "device.bin"
    device.write_text("mine")
    assert f"{device} exists already" in refusal(tool, signed, device)
    assert device.read_text() == "mine"
    run(tool, "--force", signed, device)
    assert device.stat().st_size > SLOT


def tampered(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda data: tampered(data, HEADER + 100), "is refused: digest does not match"),
        (lambda data: tampered(data, len(data) - 20), "is refused: signature does not verify"),
        (lambda data: data[:-1], "is not a signed image: "),
        (lambda data: data[HEADER:], "is not a signed image: no image"),
        (lambda data: b"", "is not a signed image: too short"),
        (lambda data: data + bytes(SLOT), f"the slot has {SLOT}"),
        (lambda data: data[:20] + bytes(12) + data[32:], "is refused: digest does not match"),
    ],
)
def test_make_device_refuses(
    the_sdk: Path, signed: Path, tmp_path: Path, change: Callable[[bytes], bytes], said: str
) -> None:
    signed.write_bytes(change(signed.read_bytes()))
    before = left(tmp_path)
    text = refusal(the_sdk / "tools" / "make_device", signed, tmp_path / "device.bin")
    assert said in text and str(signed) in text
    assert left(tmp_path) == before


def test_make_device_refuses_the_secure_image(the_sdk: Path, tmp_path: Path) -> None:
    secure = the_sdk / "bin" / "spe_signed.bin"
    text = refusal(the_sdk / "tools" / "make_device", secure, tmp_path / "device.bin")
    assert "signed with a key that the device does not trust" in text


@pytest.mark.parametrize(
    "words, said",
    [
        ((), "the following arguments are required: SIGNED_NS, OUT"),
        (("nowhere.bin", "device.bin"), "there is no file nowhere.bin"),
        (("--fast", "a", "b"), "unrecognized arguments: --fast"),
    ],
)
def test_make_device_usage(the_sdk: Path, words: tuple[str, ...], said: str) -> None:
    assert said in refusal(the_sdk / "tools" / "make_device", *words)


def test_an_sdk_that_is_not_whole(the_sdk: Path, signed: Path, tmp_path: Path) -> None:
    copied = tmp_path / "sdk"
    shutil.copytree(the_sdk, copied)
    for missing in ("tools/device/provisioning.bin", "bin/spe_signed.bin", "tools/product.json"):
        (copied / missing).rename(copied / "gone")
        text = refusal(copied / "tools" / "make_device", signed, tmp_path / "device.bin")
        (copied / "gone").rename(copied / missing)
        assert missing in text
        assert "device.bin" not in left(tmp_path)


# ---- run_qemu ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words, said",
    [
        (("--expect", "(", "app"), "'(' is no regular expression"),
        (("--fail", "(?i)x", "app"), "'(?i)x' is no regular expression"),
        (("--timeout", "x", "app"), "invalid seconds value: 'x'"),
        (("--timeout", "0", "app"), "0 is no time to wait"),
        (("app",), "there is no file app"),
    ],
)
def test_run_qemu_usage(the_sdk: Path, words: tuple[str, ...], said: str) -> None:
    assert said in refusal(the_sdk / "tools" / "run_qemu", *words)


def test_a_line_that_never_comes(the_sdk: Path, tmp_path: Path) -> None:
    app = compile_app(the_sdk, tmp_path, APPS / "objects.cpp", board=True)
    words = ("--expect", "^never$", "--timeout", "5", app)
    text = refusal(the_sdk / "tools" / "run_qemu", *words)
    assert "no line matched" in text and "never" in text and "within 5 s" in text


def test_a_device_of_another_size(the_sdk: Path, signed: Path, tmp_path: Path) -> None:
    (tmp_path / "device.bin").write_bytes(bytes(100))
    text = refusal(the_sdk / "tools" / "run_qemu", "--device", tmp_path / "device.bin", signed)
    assert "device.bin has 100 bytes" in text
    assert text.rstrip().endswith("next: make another device: tools/make_device --force")


def test_no_emulator(capsys: pytest.CaptureFixture[str]) -> None:
    """The SDK has no ./bz, so nothing in it says to run it."""
    with pytest.raises(BzError) as caught:
        process.start(["no-such-emulator"])
    sdk_tools.report("run_qemu", caught.value)
    said = capsys.readouterr().err
    assert "no-such-emulator is not installed\n    next: install it, and have it in PATH" in said


def test_a_public_key_signs_nothing(the_sdk: Path, binary: Path, tmp_path: Path) -> None:
    key = the_sdk / "keys" / "iak_public.pem"
    text = refusal(the_sdk / "tools" / "sign_ns", "--key", key, binary, tmp_path / "out.bin")
    assert "iak_public.pem is not an unencrypted private key" in text and "./bz" not in text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_it_leaves_no_emulator(the_sdk: Path, tmp_path: Path, number: int) -> None:
    app = compile_app(the_sdk, tmp_path, APPS / "objects.cpp", board=True)
    device = tmp_path / "device.bin"
    child = subprocess.Popen(
        [the_sdk / "tools" / "run_qemu", "--device", device, app],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert any("objects: done" in line for line in child.stdout)
        assert emulators_of(device), "nothing to be left"
        child.send_signal(number)
        child.wait(10)
    finally:
        child.kill()
        child.stdout.close()
    deadline = time.monotonic() + 10
    while emulators_of(device):
        assert time.monotonic() < deadline, "an emulator was left"
        time.sleep(0.05)


def emulators_of(device: Path) -> list[str]:
    found = []
    for folder in Path("/proc").iterdir():
        try:
            words = (folder / "cmdline").read_bytes() if folder.name.isdigit() else b""
        except OSError:
            continue
        if b"qemu" in words.split(b"\0")[0] and str(device).encode() in words:
            found.append(folder.name)
    return found
