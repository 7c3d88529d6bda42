# shellcheck shell=sh disable=SC2154  # answer and other names are those of deploy.sh, which reads this file
# Part of deploy.sh: the running processes are replaced, each behind a gate, and put back when one does not serve.

point() { ln -sfn "releases/$2" "$BASE/.$1" && mv -T "$BASE/.$1" "$BASE/$1"; }

hold_lock() {
    mkdir -p "$BASE"
    exec 9>"$BASE/lock"
    flock -n 9 || fail "another update runs on this machine"
}

# Wait until the process at an address serves: gate UNIT VERSION NAME=ADDRESS [more options of gate.py]. One that ended
# is not waited for.
gate() {
    unit=$1 wanted=$2 name=${3%%=*} address=${3#*=} end=$(($(date +%s) + GATE_SECONDS))
    shift 3
    [ "$UNREADY" != allowed ] || set -- "$@" --alive
    until run "$PYTHON" "$SOURCE/deploy/steps/gate.py" "$address" "$wanted" 1 "$@" 2>"$answer"; do
        if [ "$(date +%s)" -ge "$end" ] || ! service is-active --quiet "$unit.service"; then
            problem="$name does not serve, $(cat "$answer"); look at $(log_of "$name")"
            return 1
        fi
    done
}

log_of() { printf '%s/%s.log' "$LOGS" "$(printf %s "$1" | tr @ -)"; }

is_ready() {
    patience=$GATE_SECONDS
    [ "$GATE_SECONDS" -lt 5 ] || GATE_SECONDS=5
    for each in $WEBS; do gate "cashticket-${each%%=*}" any "$each" || return; done
    GATE_SECONDS=$patience
}

# Start a release on ports that nobody is led to, ask it, and stop it.
try() {
    [ -n "$TRIALS" ] && [ -n "$WEBS" ] || return 0
    say "Trying $1"
    outcome=0
    for each in $TRIALS; do service start "cashticket-${each%%=*}@$1.service" || outcome=1; done
    [ "$outcome" = 0 ] || problem="it does not start; look at $(log_of trial) and $(log_of trial-live)"
    for each in $TRIALS; do [ "$outcome" != 0 ] || gate "cashticket-${each%%=*}@$1" "$1" "$each" || outcome=1; done
    for each in $TRIALS; do service stop "cashticket-${each%%=*}@$1.service"; done
    return "$outcome"
}

replace() {
    say "Replacing processes by those of $1"
    problem="the link or the units could not be written"
    { run point current "$1" && install_units "$BASE/releases/$1"; } || return
    # Who reads jobs and messages comes before who writes them.
    restart_steadily "$WORKERS" &&
        restart_behind_gates "$1" "$WEBS" --page / &&
        restart_behind_gates "$1" "$LIVES" &&
        restart_steadily "$WATCH" &&
        renew_proxy "$1" &&
        steady "$WORKERS $WATCH"
}

restart() {
    changed="$changed $1 "
    service restart "cashticket-$1.service" && return
    problem="$1 does not start; look at: systemctl status cashticket-$1"
    return 1
}

# One after the other, the next when the last one serves.
restart_behind_gates() {
    release=$1 list=$2
    shift 2
    for each in $list; do
        rest "$each"
        restart "${each%%=*}" && gate "cashticket-${each%%=*}" "$release" "$each" "$@" || return
    done
}

# Between two webs: nginx goes on leaving a process alone for up to two seconds after it refused the last time.
rest() {
    case $1 in web*) ;; *) return ;; esac
    [ -z "$rests" ] || run sleep "$REST_SECONDS"
    rests=yes
}

# All of a list at once, which then must go on running: a process that ends again and again was started, too.
restart_steadily() {
    [ -n "$1" ] || return 0
    changed="$changed $1 " problem="one of these does not start: $1; look at its log in $LOGS"
    # shellcheck disable=SC2046  # a list of names
    service restart $(units_of "$1") || return
    end=$(($(date +%s) + STEADY_SECONDS))
    while [ "$DRY_RUN" != yes ] && [ "$(date +%s)" -lt "$end" ]; do
        sleep 0.5
        steady "$1" || return
    done
}

# Whether each of a list runs and has never ended since it was restarted: one that ends is started again by itself.
steady() {
    [ "$DRY_RUN" != yes ] || return 0
    for each in $1; do
        problem="$each ended; look at $(log_of "$each")"
        service is-active --quiet "cashticket-$each.service" || return
        case $(service show --property=NRestarts --value "cashticket-$each.service") in "" | 0) ;; *) return 1 ;; esac
    done
}

units_of() { for each in $1; do printf 'cashticket-%s.service ' "${each%%=*}"; done; }

# A reload lets all sockets come anew within half a minute, so it is done only for other settings than the last ones. Those
# in /etc/cashticket/nginx may have changed without another release, so what the proxy took last is kept as a sum.
renew_proxy() {
    [ -n "$PROXY" ] || return 0
    sum=$(proxy_settings "$1")
    if [ "$sum" = "$(cat "$BASE/proxy-settings" 2>/dev/null)" ]; then
        service is-active --quiet "cashticket-$PROXY.service" && return
    fi
    changed="$changed $PROXY " problem="the proxy does not take its settings; look at $LOGS/proxy.log"
    service reload-or-restart "cashticket-$PROXY.service" && run note_proxy "$sum"
}

note_proxy() { printf '%s\n' "$1" >"$BASE/proxy-settings"; }

proxy_settings() {
    folder=$BASE/releases/$1/nginx
    cat "$folder"/*.conf "$folder"/front/*.conf 2>/dev/null | cksum
}

# Those of a list that were restarted.
only_changed() {
    for each in $1; do case " $changed " in *" ${each%%=*} "*) printf '%s ' "$each" ;; esac; done
}

# The same list from its end.
backwards() {
    list=""
    for each in $1; do list="$each $list"; done
    printf %s "$list"
}

# Bring back a release that ran before, whatever fails meanwhile, in the other order: the process that failed comes
# first, so that never two of a kind are away, and who writes jobs and messages before who reads them. The processes may
# find a schema that is newer than they are; they only have to live.
put_back() {
    say "Going back to $1"
    UNREADY=allowed outcome=0
    { run point current "$1" && install_units "$BASE/releases/$1"; } || outcome=1
    renew_proxy "$1" || outcome=1
    restart_steadily "$WATCH" || outcome=1
    for process in $(backwards "$WEBS $LIVES"); do restart_behind_gates "$1" "$process" || outcome=1; done
    restart_steadily "$WORKERS" || outcome=1
    return "$outcome"
}

# After an update that failed: what it did not touch goes on.
go_back() {
    WORKERS=$(only_changed "$WORKERS") WEBS=$(only_changed "$WEBS") LIVES=$(only_changed "$LIVES")
    WATCH=$(only_changed "$WATCH")
    put_back "$1"
}

# Asked for by a person: to the release that ran before.
back() {
    before=$(release_of previous) old=$(release_of current)
    [ -n "$before" ] || fail "no release ran before this one"
    put_back "$before" || fail "$before did not come back whole: $problem"
    run point previous "$old"
    say "$before runs."
}

remove_old() {
    rank=0
    # shellcheck disable=SC2045  # versions are letters, digits and signs that no shell changes
    for each in $(ls -1t "$BASE/releases" 2>/dev/null); do
        case $each in "$(release_of current)" | "$(release_of previous)") continue ;; esac
        rank=$((rank + 1))
        [ "$rank" -le $((KEEP - 2)) ] || run rm -rf "$BASE/releases/$each"
    done
}
