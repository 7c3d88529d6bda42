#!/bin/sh
# Brings another image, or another number of web containers (WEBS in .env), to the installation of docker-compose.yml while
# everybody bids.
#
#   sh deploy/compose/update.sh           what this checkout builds; with IMAGE in .env, that image
#   sh deploy/compose/update.sh --back    the image that ran before, without a migration
#
# For each container of `web` and `live` a new one starts beside the others, and only when its health check is content an old
# one is asked to end: there are never fewer than before. When a new one does not serve, it is removed again, the others go on
# as they are, and one line says what to look at. The proxy is left alone unless its own settings have changed.
set -eu
cd "$(dirname "$0")/../.."
DOCKER=${DOCKER-docker}
HEALTH_SECONDS=${HEALTH_SECONDS-90}  # how long a container may take until it serves
REST_SECONDS=${REST_SECONDS-3}       # until nginx has heard of it: it asks once a second
LOCK=${LOCK-docker-compose.yml}      # a file that is held while an update runs
FORMER=cashticket:former
WORKERS="worker-mail worker-push worker-bids worker-settlement worker-checks"
SETTINGS="upstreams.conf listen.conf other_servers.conf access_log.conf"

say() { printf '%s\n' "$*"; }

fail() {
    printf 'update.sh: %s\n' "$*" >&2
    exit 1
}

# Two at once would take each other's new containers for old ones.
hold_lock() {
    exec 9<"$LOCK"
    ! command -v flock >/dev/null || flock -n 9 || fail "another update runs here"
}

compose() { "$DOCKER" compose "$@"; }

containers() { compose ps --quiet "$1"; }

setting() {
    eval "value=\${$1:-}"
    [ -n "$value" ] || value=$(sed -n "s/^$1=//p" .env 2>/dev/null | tail -n 1)
    printf %s "${value:-$2}"
}

# Those of the second list that are not in the first.
others() {
    for each in $2; do case " $(printf %s "$1" | tr '\n' ' ') " in *" $each "*) ;; *) printf '%s ' "$each" ;; esac; done
}

count() { printf '%s\n' "$#"; }

end() {
    for each in "$@"; do "$DOCKER" stop "$each" >/dev/null && "$DOCKER" rm "$each" >/dev/null || return; done
}

serves() {
    deadline=$(($(date +%s) + HEALTH_SECONDS))
    until [ "$("$DOCKER" inspect --format '{{.State.Health.Status}}' "$1")" = healthy ]; do
        [ "$(date +%s)" -lt "$deadline" ] || return
        sleep 0.5
    done
}

# One container more of a service, which then serves.
add_one() {
    before=$(containers "$1")
    # shellcheck disable=SC2086  # a list of containers
    compose up --detach --no-deps --no-recreate --scale "$1=$(($(count $before) + 1))" "$1"
    new=$(others "$before" "$(containers "$1")")
    [ -n "$new" ] || fail "no new container of $1 was made. All others go on as they are."
    for each in $new; do
        serves "$each" && continue
        compose logs --tail 20 "$1" >&2 || true
        # shellcheck disable=SC2086  # a list of containers
        end $new || true
        fail "a new container of $1 does not serve; the last lines of all stand above. The others go on as they are."
    done
    sleep "$REST_SECONDS"
}

# A service as a number of containers of the present image, one after the other.
replace() {
    service=$1 wanted=$2
    say "Replacing $service"
    for old in $(containers "$service"); do
        # shellcheck disable=SC2046  # a list of containers
        [ "$(count $(containers "$service"))" -gt "$wanted" ] || add_one "$service"
        end "$old" || fail "an old container of $service does not end: $old"
    done
    # shellcheck disable=SC2046  # a list of containers
    while [ "$(count $(containers "$service"))" -lt "$wanted" ]; do add_one "$service"; done
}

# For --back: the image that runs, if all web containers run the same one.
keep_former() {
    running=$(for each in $(containers web); do "$DOCKER" inspect --format '{{.Image}}' "$each"; done | sort -u)
    # shellcheck disable=SC2086  # a list of images
    [ "$(count $running)" != 1 ] || "$DOCKER" tag "$running" "$FORMER"
}

take_image() {
    keep_former
    if [ -n "$(setting IMAGE '')" ]; then compose pull web; else compose build web; fi
}

# The settings of the proxy in a folder, as one number. A file that was replaced here is still the former one in its container.
HERE='cat nginx.conf deploy/front/*.conf; cd deploy/compose && cat'
THERE='cd /etc/cashticket && cat nginx.conf front/*.conf && cat'
renew_proxy() {
    here=$(sh -c "$HERE $SETTINGS" | cksum)
    there=$(compose exec -T proxy sh -c "$THERE $SETTINGS" </dev/null | cksum)
    [ "$here" = "$there" ] || say "The settings of the proxy have changed: it starts anew, and nobody is let in meanwhile"
    [ "$here" = "$there" ] || set -- --force-recreate
    compose up --detach --no-deps --wait "$@" proxy
}

work_on() {
    # shellcheck disable=SC2086  # a list of services
    compose up --detach --no-deps $WORKERS
}

# Who reads jobs and messages comes before who writes them.
update() {
    take_image
    say "Migrating"
    compose run --rm --no-deps migrate
    work_on
    replace web "$(setting WEBS 2)"
    replace live 1
    compose up --detach --no-deps watch
    renew_proxy
    say "All run the present image."
}

# With IMAGE the former image comes under the name that this script gave it: the name in .env is that of the later one.
back() {
    named=$(setting IMAGE '') name=cashticket
    [ -z "$named" ] || name=$FORMER
    "$DOCKER" tag "$FORMER" "$name" || fail "no image ran before this one"
    [ -z "$named" ] || export IMAGE="$name"
    compose up --detach --no-deps watch
    replace web "$(setting WEBS 2)"
    replace live 1
    work_on
    renew_proxy
    say "All run the former image."
    [ -z "$named" ] || say "IMAGE in .env still names $named: write the former name there before you start anything else."
}

case ${1:-} in
    "" | --back) hold_lock ;;
    *) fail "usage: update.sh [--back]" ;;
esac
case ${1:-} in
    "") update ;;
    --back) back ;;
esac
