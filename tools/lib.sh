# shellcheck shell=sh
# Shared by tools/test and tools/demo; sourced.
#
# Installing is done by one root shell, directly or through sudo.  With their packages
# Debian would start a PostgreSQL server on port 5432, a pgbouncer and a Prometheus; two
# files that exist only meanwhile keep it from that, and nothing that is already there
# is touched.

top=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$top/build"

# Without a terminal nobody could type sudo's password.
if [ -t 0 ]; then may_ask=; else may_ask=--non-interactive; fi

say() {
    printf '%s\n' "$*" >&2
}

die() {
    say "$(basename "$0"): $*"
    exit 1
}

have() {
    command -v "$1" >/dev/null 2>&1
}

installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Prints those of the packages that are not installed.
missing_of() {
    for package; do
        installed "$package" || printf '%s ' "$package"
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif have sudo; then
        sudo $may_ask "$@"
    else
        return 1
    fi
}

# Installs the packages that are missing.  If that cannot be done it says so and goes
# on: what needs them is skipped later, or says itself what it misses.
install_missing() {
    if ! have dpkg-query; then
        say "this is not Debian or Ubuntu: nothing is installed"
        return
    fi
    missing=$(missing_of "$@")
    [ -n "$missing" ] || return 0
    say "installing $missing"
    # shellcheck disable=SC2086 # a list of words
    as_root sh -s -- $missing >"$top/build/apt.log" 2>&1 <<'ROOT' && return 0
        set -e
        export DEBIAN_FRONTEND=noninteractive
        no_cluster=/etc/postgresql-common/createcluster.d/pgcensus.conf
        no_services=/usr/sbin/policy-rc.d
        [ -e $no_services ] && no_services=
        folder=${no_cluster%/*}
        trap 'rm -f $no_cluster $no_services; rmdir $folder 2>/dev/null || :' EXIT
        mkdir -p $folder
        echo 'create_main_cluster = false' >$no_cluster
        if [ "$no_services" ]; then
            printf '#!/bin/sh\nexit 101\n' >$no_services
            chmod 755 $no_services
        fi
        apt-get install -y --no-install-recommends "$@" </dev/null || {
            apt-get update </dev/null
            apt-get install -y --no-install-recommends "$@" </dev/null
        }
ROOT
    say "could not install (no root and no sudo, or see build/apt.log): $missing"
}

# A build directory, configured once: build_in DIR OPTION...
build_in() {
    directory=$top/build/$1
    shift
    if [ ! -f "$directory/build.ninja" ]; then
        meson setup "$directory" "$top" "$@" || return 1
    fi
    ninja -C "$directory"
}
