"""Set-up, second half: the private Python environment and the Mbed TLS source, both under .bz/;
with the argument ready-all also the FreeRTOS kernel, which only examples and tests use.

Called by setup.sh (so by ./bz) with the system's Python, before any package is there: standard
library only. Everything is made beside its final place or marked by a stamp written last, so
that an interrupted set-up is repeated and never half used. Without anything to do it asks no
network and takes a few milliseconds.
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(os.environ["BZ_ROOT"])
STATE = Path(os.environ["BZ_STATE"])
SETUP = ROOT / "tools" / "setup"
LOG = STATE / "log"
PR_SET_PDEATHSIG = 1


class SetupError(Exception):
    """What failed, what to do next, and the log that tells more."""

    def __init__(self, cause: str, next_step: str, log: Path | None = None) -> None:
        super().__init__(cause)
        self.next_step = next_step
        self.log = log


def say(text: str) -> None:
    print(text, flush=True)


def show(text: str) -> None:
    """Progress inside a step: one moving line on a terminal, nothing elsewhere."""
    if sys.stdout.isatty():
        print(f"\r\033[K  {text[:76]}", end="", flush=True)


def end_show() -> None:
    if sys.stdout.isatty():
        print("\r\033[K", end="", flush=True)


def die_with_parent(sig: int = signal.SIGTERM) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, sig)


def run(
    argv: list[str],
    log: Path,
    cwd: Path | None = None,
    each_line: Callable[[str], None] = lambda line: None,
) -> tuple[int, str]:
    """Run a tool with its output in the log; the child ends with us, whatever ends us."""
    lines = []
    with log.open("a", encoding="utf-8") as out:
        out.write("$ " + " ".join(argv) + "\n")
        child = subprocess.Popen(
            argv,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            preexec_fn=die_with_parent,
            start_new_session=True,
        )
        try:
            for line in child.stdout:
                out.write(line)
                lines.append(line)
                each_line(line.rstrip())
            return child.wait(), "".join(lines)
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGTERM)
                child.wait()


# --- Python environment -------------------------------------------------------------------------


def python_stamp() -> str:
    text = [
        str(ROOT),
        os.path.realpath(sys.executable),
        sys.version,
        (SETUP / "requirements.txt").read_text("utf-8"),
    ]
    return hashlib.sha256("\0".join(text).encode()).hexdigest()


def ensure_python() -> None:
    venv, stamp = STATE / "venv", STATE / "venv.stamp"
    if (
        stamp.exists()
        and stamp.read_text() == python_stamp()
        and (venv / "bin" / "python").exists()
    ):
        return
    log = LOG / "python.log"
    log.unlink(missing_ok=True)
    stamp.unlink(missing_ok=True)
    shutil.rmtree(venv, ignore_errors=True)
    total = len(
        re.findall(r"^[A-Za-z0-9].*==", (SETUP / "requirements.txt").read_text("utf-8"), re.M)
    )
    say(f"making the Python environment .bz/venv ({total} packages, pinned with hashes)")
    show("creating")
    code, _ = run([sys.executable, "-m", "venv", str(venv)], log)
    if code != 0:
        raise SetupError(
            "Python could not make a virtual environment",
            "install the package python3-venv, then run ./bz setup again",
            log,
        )
    names: list[str] = []

    def progress(line: str) -> None:
        if found := re.match(r"Collecting (\S+)", line):
            names.append(found[1])
            show(f"fetching {len(names)}/{total}  {found[1]}")
        elif line.startswith("Installing"):
            show("installing")

    code, _ = run(
        [
            str(venv / "bin" / "python"),
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--no-input",
            "--require-hashes",
            "-r",
            str(SETUP / "requirements.txt"),
        ],
        log,
        each_line=progress,
    )
    end_show()
    if code != 0:
        raise SetupError(
            "pip could not install the Python packages",
            "check that pip reaches its package index (pip config list), then run ./bz setup again",
            log,
        )
    stamp.write_text(python_stamp())


# --- Mbed TLS -----------------------------------------------------------------------------------


def read_pin() -> dict[str, str]:
    pin = {}
    for line in (SETUP / "mbedtls.pin").read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            name, _, value = line.partition("=")
            pin[name.strip()] = value.strip()
    return pin


OVERRIDE = "or set BZ_MBEDTLS_DIR to a Mbed TLS 3.6 source tree that you have"


def check_tree(tree: Path, series: str) -> str:
    """The version of a source tree, if it is one that this product can be built with."""
    header = tree / "include" / "mbedtls" / "build_info.h"
    missing = [
        str(part)
        for part in (header, tree / "library" / "psa_crypto.c", tree / "3rdparty")
        if not part.exists()
    ]
    if missing:
        raise SetupError(
            f"{tree} is not a Mbed TLS source tree: {missing[0]} is missing",
            "set BZ_MBEDTLS_DIR to the root of an unpacked Mbed TLS 3.6 release, or unset it",
        )
    found = re.search(r'MBEDTLS_VERSION_STRING\s+"([0-9.]+)"', header.read_text("utf-8"))
    version = found[1] if found else "unknown"
    if not version.startswith(series + "."):
        raise SetupError(
            f"{tree} holds Mbed TLS {version}; this product needs {series}.x",
            "set BZ_MBEDTLS_DIR to a Mbed TLS 3.6 source tree, or unset it",
        )
    return version


def debian_mirrors() -> tuple[list[str], list[str]]:
    """Sites of the Debian archive and of its security archive, from the system's apt."""
    targets = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE)\t$(RELEASE)"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    release = {}
    for line in Path("/etc/os-release").read_text("utf-8").splitlines():
        name, _, value = line.partition("=")
        release[name] = value.strip('"')
    names = {"stable", "testing", "unstable", "sid", "oldstable", "trixie", "bookworm", "forky"}
    names.add(
        release.get("VERSION_CODENAME", "stable") if release.get("ID") == "debian" else "stable"
    )
    main, security = [], []
    for line in targets.splitlines():
        site, _, suite = line.partition("\t")
        if suite in names and site not in main:
            main.append(site)
        if (
            suite.endswith("-security")
            and suite.removesuffix("-security") in names
            and site not in security
        ):
            security.append(site)
    return main, security


def write_apt_configuration(apt: Path, sources: list[str]) -> Path:
    """Private apt directories: the system's lists, sources and hooks stay untouched and unused."""
    for name in ("lists/partial", "cache/archives/partial", "state", "none"):
        (apt / name).mkdir(parents=True, exist_ok=True)
    (apt / "status").touch()
    (apt / "sources.list").write_text("\n".join(sources) + "\n")
    configuration = apt / "apt.conf"
    configuration.write_text(f"""\
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
Dir::Etc::SourceList "{apt}/sources.list";
Dir::Etc::SourceParts "{apt}/none";
Dir::State "{apt}/state";
Dir::State::Lists "{apt}/lists";
Dir::State::Status "{apt}/status";
Dir::Cache "{apt}/cache";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
APT::Sandbox::User "root";
APT::Get::AllowUnauthenticated "false";
Acquire::Languages "none";
Acquire::Retries "3";
""")
    return configuration


def source_line(site: str, suite: str) -> str:
    for name in ("debian-archive-keyring.gpg", "debian-archive-keyring.pgp"):
        keyring = Path("/usr/share/keyrings") / name
        if keyring.exists():
            return f"deb-src [signed-by={keyring}] {site} {suite} main"
    return f"deb-src {site} {suite} main"


def update_lists(apt: Path, pin: dict[str, str], log: Path) -> Path:
    if shutil.which("apt-get") is None:
        raise SetupError(
            "this system has no apt-get to fetch Mbed TLS with",
            "set BZ_MBEDTLS_DIR to a Mbed TLS 3.6 source tree, then run ./bz setup again",
        )
    main, security = debian_mirrors()
    if not main:
        raise SetupError(
            "apt's configuration names no mirror of the Debian archive",
            f"add one to apt's sources {OVERRIDE}",
        )
    suite = pin["suite"]
    lines = [source_line(site, suite) for site in main[:1]]
    more = [source_line(site, suite + "-security") for site in security[:1]]
    show("reading the package lists")
    for sources in [lines + more, lines] if more else [lines]:
        configuration = write_apt_configuration(apt, sources)
        code, text = run(["apt-get", "-q", "-c", str(configuration), "update"], log)
        if code == 0 and "Failed to fetch" not in text:
            return configuration
    raise SetupError(
        f"apt-get could not read the source package list of Debian {suite}",
        f"check the network and the mirror ({main[0]}), then run ./bz setup again; {OVERRIDE}",
        log,
    )


def version_key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def choose_version(configuration: Path, pin: dict[str, str], log: Path) -> str:
    """The pinned version if the archive has it, else a newer patch release of the same series."""
    _, text = run(["apt-cache", "-c", str(configuration), "showsrc", pin["package"]], log)
    offered = sorted(set(re.findall(r"^Version: (\S+)", text, re.M)), key=version_key)
    if pin["version"] in offered:
        return pin["version"]
    newer = [
        version
        for version in offered
        if version.startswith(pin["series"] + ".")
        and version_key(version) > version_key(pin["version"])
    ]
    if not newer:
        raise SetupError(
            f"the Debian mirror offers Mbed TLS {', '.join(offered) or 'not at all'}; "
            f"needed: {pin['version']} or a newer {pin['series']}.x",
            OVERRIDE.removeprefix("or "),
            log,
        )
    say(f"  note: Mbed TLS {newer[-1]} is used: the pinned {pin['version']} is not on the mirror")
    return newer[-1]


def check_sums(folder: Path, pin: dict[str, str]) -> None:
    for name, expected in pin.items():
        if name.startswith("sha256 "):
            path = folder / name.removeprefix("sha256 ")
            actual = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "missing"
            if actual != expected:
                raise SetupError(
                    f"{path.name} has SHA-256 {actual}, pinned is {expected}",
                    "do not use this mirror; put another in apt's sources, then run ./bz setup",
                )


def fetch_mbedtls(pin: dict[str, str], target: Path) -> str:
    log = LOG / "mbedtls.log"
    log.unlink(missing_ok=True)
    work = STATE / "apt"
    shutil.rmtree(work, ignore_errors=True)
    say("fetching the Mbed TLS source package with apt-get")
    configuration = update_lists(work, pin, log)
    version = choose_version(configuration, pin, log)
    show(f"downloading {pin['package']} {version}")
    folder = work / "download"
    folder.mkdir()
    code, _ = run(
        [
            "apt-get",
            "-q",
            "-c",
            str(configuration),
            "source",
            "--download-only",
            "--only-source",
            f"{pin['package']}={version}",
        ],
        log,
        cwd=folder,
    )
    described = sorted(folder.glob("*.dsc"))
    if code != 0 or not described:
        raise SetupError(
            f"apt-get could not download {pin['package']} {version}",
            f"check the network, then run ./bz setup again; {OVERRIDE}",
            log,
        )
    if version == pin["version"]:
        check_sums(folder, pin)
    show("unpacking")
    code, _ = run(["dpkg-source", "-x", described[0].name, "tree"], log, cwd=folder)
    if code != 0:
        raise SetupError(
            "dpkg-source could not unpack the Mbed TLS source package",
            "check the free disk space, then run ./bz setup again",
            log,
        )
    check_tree(folder / "tree", pin["series"])
    shutil.rmtree(target, ignore_errors=True)
    (folder / "tree").rename(target)
    shutil.rmtree(work, ignore_errors=True)
    end_show()
    return version


def ensure_mbedtls() -> None:
    pin = read_pin()
    if override := os.environ.get("BZ_MBEDTLS_DIR"):
        check_tree(Path(override).resolve(), pin["series"])
        return
    target, stamp = STATE / "mbedtls", STATE / "mbedtls.stamp"
    wanted = hashlib.sha256((SETUP / "mbedtls.pin").read_bytes()).hexdigest()
    if target.is_dir() and stamp.exists() and stamp.read_text().split()[0] == wanted:
        return
    stamp.unlink(missing_ok=True)
    version = fetch_mbedtls(pin, target)
    stamp.write_text(f"{wanted} {version}\n")


# --- FreeRTOS -----------------------------------------------------------------------------------


def fetch_freertos(target: Path) -> None:
    """A crate carries the kernel. Cargo checks it against Cargo.lock and builds nothing."""
    log = LOG / "freertos.log"
    log.unlink(missing_ok=True)
    work = STATE / "cargo"
    shutil.rmtree(work, ignore_errors=True)
    if shutil.which("cargo") is None:
        raise SetupError(
            "there is no cargo command to fetch the FreeRTOS kernel with",
            "install cargo 1.85 or newer, then run ./bz setup --all again",
        )
    say("fetching the FreeRTOS kernel source with cargo")
    manifest = str(SETUP / "rtos" / "Cargo.toml")
    code, _ = run(
        ["cargo", "vendor", "--locked", "--versioned-dirs", "--manifest-path", manifest, str(work)],
        log,
        each_line=lambda line: show(line.strip().partition(" (")[0]),
    )
    end_show()
    if code != 0:
        raise SetupError(
            "cargo could not fetch the FreeRTOS kernel source",
            "check that cargo reaches its registry and is 1.85 or newer (cargo --version), "
            "then run ./bz setup --all again",
            log,
        )
    kernels = sorted(work.glob("freertos-next-*/FreeRTOS-Kernel"))
    if len(kernels) != 1 or not (kernels[0] / "portable/GCC/ARM_CM33_NTZ/non_secure").is_dir():
        raise SetupError(
            f"what cargo fetched has no FreeRTOS kernel for this processor: {work}",
            "take tools/setup/rtos back to what was released, then run ./bz setup --all again",
            log,
        )
    shutil.rmtree(target, ignore_errors=True)
    kernels[0].rename(target)
    shutil.rmtree(work, ignore_errors=True)


def ensure_freertos() -> None:
    target, stamp = STATE / "freertos", STATE / "freertos.stamp"
    wanted = hashlib.sha256((SETUP / "rtos" / "Cargo.lock").read_bytes()).hexdigest()
    if (target / "tasks.c").exists() and stamp.exists() and stamp.read_text().strip() == wanted:
        return
    stamp.unlink(missing_ok=True)
    fetch_freertos(target)
    stamp.write_text(f"{wanted}\n")


# --- all of it ----------------------------------------------------------------------------------


def report(error: SetupError) -> None:
    end_show()
    print(f"bz: {error}", file=sys.stderr)
    if error.log and error.log.exists():
        for line in error.log.read_text("utf-8", errors="replace").splitlines()[-12:]:
            print(f"    | {line}", file=sys.stderr)
        print(f"    log: {error.log}", file=sys.stderr)
    print(f"    next: {error.next_step}", file=sys.stderr)


def main() -> int:
    die_with_parent()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    LOG.mkdir(parents=True, exist_ok=True)
    with (STATE / "lock").open("w") as lock:
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("another ./bz setup is running in this checkout; waiting for it")
                fcntl.flock(lock, fcntl.LOCK_EX)
            ensure_python()
            ensure_mbedtls()
            if "ready-all" in sys.argv[1:]:
                ensure_freertos()
        except SetupError as error:
            report(error)
            return 1
        except OSError as error:
            report(
                SetupError(
                    str(error),
                    "check permissions and free disk space of .bz, then run ./bz setup again",
                )
            )
            return 1
        except KeyboardInterrupt:
            end_show()
            return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
