#!/bin/sh
# Brings a release of CashTicket to servers without Docker, while everybody bids. docs/plain-servers.md is its guide.
#
#   deploy.sh [--dry-run] VERSION     the release in which this script lies, on this machine
#   deploy.sh [--dry-run] --back      to the release that ran before, without a migration
#   deploy.sh [--dry-run] --units     accounts, folders and units alone, which a new machine needs first
#   HOSTS="app-1 app-2" deploy.sh …   VERSION or --back over ssh, one machine after the other
#
# A release is built beside the running one, loaded, and tried on ports that the proxy does not know; only then the link
# `current` moves and processes are restarted, each behind a gate. When something fails, the link and all processes go
# back, and one line says what to look at. What a machine runs stands in /etc/cashticket/deploy.conf, in the form of the
# settings below. No secret is read or passed on here: systemd gives them to the processes.
set -eu
umask 022
PLACE=${ROOT:-}                       # tests put everything below a folder
BASE=$PLACE/srv/cashticket
CONFIG=$PLACE/etc/cashticket
UNITS=$PLACE/etc/systemd/system
LOGS=$PLACE/var/log/cashticket
# shellcheck source=/dev/null
[ ! -r "$CONFIG/deploy.conf" ] || . "$CONFIG/deploy.conf"
RECORDING="worker-bids@1 worker-bids@2 worker-bids@3 worker-bids@4"
WORKERS=${WORKERS-worker-mail worker-push $RECORDING worker-settlement worker-checks}
WEBS=${WEBS-web@1=127.0.0.1:8001 web@2=127.0.0.1:8002}
LIVES=${LIVES-live=127.0.0.1:8003}
WATCH=${WATCH-watch}
TRIALS=${TRIALS-trial=127.0.0.1:8009 trial-live=127.0.0.1:8010}
PROXY=${PROXY-nginx}
PYTHON=${PYTHON-python3}
KEEP=${KEEP-3}                        # releases that stay, the present and the former among them
GATE_SECONDS=${GATE_SECONDS-60}       # how long a process may take until it serves
STEADY_SECONDS=${STEADY_SECONDS-6}    # how long a worker must run to count as started
REST_SECONDS=${REST_SECONDS-3}        # between two webs, so that nginx has found the first one again
UNREADY=${UNREADY-refused}            # `allowed` updates an installation that is not ready, to mend it
HOSTS=${HOSTS-}
SSH=${SSH-ssh -o BatchMode=yes}
SUDO=${SUDO-sudo}
DRY_RUN=${DRY_RUN-no}
SHIPPED="cashticket deploy migrations gunicorn.conf.py nginx.conf requirements.txt worker.py wsgi.py"
SOURCE=$(cd "$(dirname "$0")/.." && pwd -P)
problem="" changed="" rests=""
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

say() { printf '%s\n' "$*"; }

fail() {
    printf 'deploy.sh: %s\n' "$*" >&2
    exit 1
}

run() {
    if [ "$DRY_RUN" = yes ]; then say "would run: $*"; else "$@"; fi
}

# The only way to the service manager.
service() { run systemctl "$@"; }

release_of() { readlink "$BASE/$1" 2>/dev/null | sed 's,.*/,,'; }

# shellcheck source=deploy/steps/building.sh
. "$SOURCE/deploy/steps/building.sh"
# shellcheck source=deploy/steps/replacing.sh
. "$SOURCE/deploy/steps/replacing.sh"
# shellcheck source=deploy/steps/hosts.sh
. "$SOURCE/deploy/steps/hosts.sh"

# Build a release and let it load with the settings of this machine. Nothing that runs is touched.
prepare() {
    { build "$1" && install_units "$BASE/releases/$1"; } || fail "$1 was not built: see above. What runs goes on."
    [ -z "$WEBS" ] || load cashticket-check "$1" "it does not load with the settings in $CONFIG"
    [ -z "$PROXY" ] || load "cashticket-$PROXY-check" "$1" "the proxy does not take its settings"
}

# Run a one-shot of a release. When it fails the units of the running release come back.
load() {
    service start "$1@$2.service" && return
    [ -z "$(release_of current)" ] || install_units "$BASE/releases/$(release_of current)"
    fail "$2 was not brought in: $3. Look at: journalctl -u $1@$2.service. What runs goes on."
}

migrate() {
    say "Migrating to $1"
    load cashticket-migrate "$1" "the database was not migrated"
}

# Replace the running release; when that fails, bring it back.
switch() {
    old=$(release_of current)
    [ -z "$old" ] || [ "$UNREADY" = allowed ] || is_ready || fail "$problem. Mend that first, or set UNREADY=allowed."
    if { [ -z "$old" ] || try "$1"; } && replace "$1"; then
        [ -z "$old" ] || [ "$old" = "$1" ] || run point previous "$old"
        enable_all
        remove_old
        run rm -rf "$BASE/incoming"
        if [ "$DRY_RUN" = yes ]; then say "Nothing was changed."; else say "$1 runs."; fi
        return
    fi
    why=$problem
    [ -n "$old" ] || fail "$1: $why. There is no release to go back to."
    go_back "$old" || fail "$1: $why. And $old did not come back whole: $problem."
    fail "$1: $why. $old runs again."
}

# What a person or another machine asks for.
main() {
    [ "${1:-}" != --dry-run ] || { DRY_RUN=yes && shift; }
    verb=${1:-} version=${2:-}
    case $verb in prepare | migrate | switch) ;; --back | --units) version=any ;; *) version=$verb verb=update ;; esac
    case $version in
        "" | -* | .* | *[!A-Za-z0-9._-]*) fail "usage: deploy.sh [--dry-run] VERSION | --back | --units" ;;
    esac
    [ "$DRY_RUN" = yes ] || [ -n "$HOSTS" ] || hold_lock
    case ${HOSTS:+hosts}$verb in
        hosts*) on_all_hosts "$verb" "$version" ;;
        --back) back ;;
        --units) install_units "$SOURCE" ;;
        update) prepare "$version" && migrate "$version" && switch "$version" ;;
        *) "$verb" "$version" ;;
    esac
}

main "$@"
