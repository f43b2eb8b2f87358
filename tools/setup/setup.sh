# Set-up, first half: the packages of the machine, then over to setup.py for the rest. Sourced by
# ../../bz, so that one shell process does it all; POSIX sh, because nothing else may be there yet.
# It installs through apt-get only (as root or through sudo), only what is missing, and asks no
# network otherwise.

setup_die() {
    printf 'bz: %s\n    next: %s\n' "$1" "$2" >&2
    exit 1
}

setup_show_log() {
    echo "    last lines of $1:" >&2
    tail -n 12 "$1" | sed 's/^/    | /' >&2
}

# The sanitizer runtime of clang: a package with clang's major version in its name.
setup_runtime_package() {
    depends=$(dpkg-query -W -f '${Depends}' clang 2>/dev/null ||
        apt-cache depends clang 2>/dev/null)
    major=$(echo "$depends" | sed -n 's/.*clang-\([0-9][0-9]*\).*/\1/p' | head -n 1)
    [ -n "$major" ] || return 0
    if dpkg-query -W "libclang-rt-$major-dev" >/dev/null 2>&1 ||
        apt-cache show "libclang-rt-$major-dev" >/dev/null 2>&1; then
        echo "libclang-rt-$major-dev"
    fi
}

setup_listed() { # $1: column of packages.txt, $2: or of this file
    sed -e '/^#/d' -e '/^$/d' "$BZ_ROOT/tools/setup/${2:-packages.txt}" |
        while read -r package command; do
            if [ "$1" = 1 ]; then echo "$package"; else echo "$command"; fi
        done
}

# Of alternatives "a|b", the first that apt knows.
setup_choose() {
    for package in $(echo "$1" | tr '|' ' '); do
        if apt-cache show "$package" >/dev/null 2>&1; then break; fi
    done
    echo "$package"
}

# What the tests need, where the command is not there. Nothing, unless all is to be set up.
setup_missing_for_tests() {
    [ "$setup_stamp" = ready-all ] || return 0
    sed -e '/^#/d' -e '/^$/d' "$BZ_ROOT/tools/setup/packages-test.txt" |
        while read -r package command; do
            command -v "$command" >/dev/null 2>&1 || setup_choose "$package"
        done
}

setup_missing_packages() {
    # shellcheck disable=SC2046  # one word per package is what is wanted
    set -- $(setup_listed 1) $(setup_runtime_package)
    dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null |
        sed -n 's/^.i  *//p' >"$BZ_STATE/log/installed"
    for package in "$@"; do
        grep -qx "$package" "$BZ_STATE/log/installed" || echo "$package"
    done
    setup_missing_for_tests
}

setup_missing_commands() {
    listed=$(setup_listed 2)
    if [ "$setup_stamp" = ready-all ]; then
        listed="$listed $(setup_listed 2 packages-test.txt)"
    fi
    for command in $listed; do
        case $command in - | dpkg-source | patch | bzip2 | xz | clang-format) continue ;; esac
        command -v "$command" >/dev/null 2>&1 || echo "$command"
    done
}

# Shows apt's status lines ("kind:name:percent:text"): one moving line on a terminal, else a line
# per quarter. $1: what a download is called.
setup_show_progress() {
    shown=
    while IFS=: read -r kind _ percent text; do
        case $kind in
        dlstatus) stage=$1 ;;
        pmstatus) stage=installing ;;
        *) continue ;;
        esac
        percent=${percent%%.*}
        if [ -t 1 ]; then
            printf '\r\033[K%s %3s %%  %.50s' "$stage" "$percent" "$text"
        elif [ "$shown" != "$stage$((percent / 25))" ]; then
            shown=$stage$((percent / 25))
            echo "  $stage $percent %"
        fi
    done
    if [ -t 1 ]; then printf '\r\033[K'; fi
}

setup_apt() { # arguments of apt-get; output goes to the log
    log=$BZ_STATE/log/packages.log
    case $1 in update) stage="reading package lists" ;; *) stage=downloading ;; esac
    # Status lines need their own descriptor, which sudo would close: the shell inside opens it.
    # shellcheck disable=SC2016
    inner='export DEBIAN_FRONTEND=noninteractive; dpkg --configure -a >>"$0" 2>&1
        exec apt-get -q -y -o Dpkg::Use-Pty=0 -o APT::Status-Fd=3 -o DPkg::Lock::Timeout=600 "$@" \
            3>&1 >>"$0" 2>&1'
    rm -f "$BZ_STATE/log/apt.code"
    {
        if [ "$(id -u)" = 0 ]; then
            sh -c "$inner" "$log" "$@" && code=0 || code=$?
        else
            sudo sh -c "$inner" "$log" "$@" && code=0 || code=$?
        fi
        echo "$code" >"$BZ_STATE/log/apt.code"
    } | setup_show_progress "$stage"
    [ "$(cat "$BZ_STATE/log/apt.code" 2>/dev/null)" = 0 ]
}

setup_packages_by_apt() {
    missing=$(setup_missing_packages)
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null 2>&1; then
        [ -n "$(setup_missing_commands)" ] || return 0
        setup_die "packages are missing, and neither root nor sudo is there to install them" \
            "as root: apt-get install $(echo "$missing" | tr '\n' ' ')"
    fi
    : >"$BZ_STATE/log/packages.log"
    # shellcheck disable=SC2086
    echo "installing $(echo $missing | wc -w) packages with apt-get:" $missing
    if ! setup_apt update; then
        echo "  apt-get update failed; trying with the package lists that are there"
    fi
    missing=$(setup_missing_packages)
    # shellcheck disable=SC2086
    if ! setup_apt install --no-install-recommends $missing; then
        setup_show_log "$BZ_STATE/log/packages.log"
        setup_die "apt-get could not install the packages" \
            "check the network and apt's sources, then run ./bz setup again"
    fi
    missing=$(setup_missing_packages) # clang's runtime has a name only now on some systems
    # shellcheck disable=SC2086
    [ -z "$missing" ] || setup_apt install --no-install-recommends $missing ||
        echo "  note: not installed: $missing"
}

setup_everything() { # $1: ready for what users need, ready-all for what tests and examples need too
    setup_stamp=$1
    mkdir -p "$BZ_STATE/log"
    if command -v dpkg-query >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1; then
        setup_packages_by_apt
    fi
    missing=$(setup_missing_commands | tr '\n' ' ')
    [ -z "$missing" ] || setup_die "these tools are missing: $missing" \
        "install them with your package manager (Debian's names: tools/setup/packages*.txt)"
    python=$(find_python) || setup_die "no Python 3.11 or newer found" \
        "install Python 3.11 or newer, then run ./bz setup again"
    "$python" "$BZ_ROOT/tools/setup/setup.py" "$setup_stamp" || exit $?
}
