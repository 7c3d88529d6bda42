# shellcheck shell=sh disable=SC2153  # UNITS is a name of deploy.sh, which reads this file, and not units
# Part of deploy.sh: the folder of a release with everything it runs on, and the units of systemd.

copy_source() {
    # shellcheck disable=SC2086  # a list of names
    tar -C "$SOURCE" --exclude=__pycache__ --exclude=cashticket/cli/demo -cf - $SHIPPED |
        tar -C "$1" --no-same-owner -xf - &&
        chmod -R u+rwX,go+rX,go-w "$1"
}

# What the image does too: what the processes cannot write is compiled now.
compile() {
    # The package itself has loaded that module, which Python thinks worth a warning.
    (cd "$1" && .venv/bin/python -W ignore::RuntimeWarning:runpy -m cashticket.compiled_texts &&
        .venv/bin/python -m compileall -q cashticket)
}

# The proxy reads its files from the release, and those that are the machine's own from /etc/cashticket/nginx.
lay_out_proxy() {
    mkdir -p "$1/nginx" && ln -sfn ../nginx.conf "$1/nginx/nginx.conf" && ln -sfn ../deploy/front "$1/nginx/front"
    for file in "$1"/deploy/host/*.conf; do
        name=${file##*/} own=$CONFIG/nginx/${file##*/}
        [ -e "$own" ] || own=../deploy/host/$name
        ln -sfn "$own" "$1/nginx/$name"
    done
}

finish() { printf 'VERSION=%s\n' "$2" >"$1/release.env"; }

build() {
    release=$BASE/releases/$1
    # The running release is restarted as it is, to take other settings; those of the proxy may have come since.
    if [ -f "$release/release.env" ] && [ "$1" = "$(release_of current)" ]; then
        run lay_out_proxy "$release"
        return
    fi
    say "Building $1"
    run rm -rf "$release" && run mkdir -p "$release" && run copy_source "$release" &&
        run "$PYTHON" -m venv "$release/.venv" &&
        run "$release/.venv/bin/pip" install -qq --disable-pip-version-check --no-cache-dir --require-hashes \
            --only-binary :all: --no-binary http-ece -r "$release/requirements.txt" &&
        run compile "$release" && run lay_out_proxy "$release" && run finish "$release" "$1"
}

# Give a machine the accounts, folders and units of the release in a folder, and the files that start stores. What was
# changed by `systemctl edit` lies elsewhere and stays.
install_units() {
    units=$1/deploy/host/systemd stores=$1/deploy/compose
    run mkdir -p "$UNITS/cashticket-.service.d" "$PLACE/etc/sysusers.d" "$PLACE/etc/tmpfiles.d" "$CONFIG/store" &&
        run cp "$units/sysusers.conf" "$PLACE/etc/sysusers.d/cashticket.conf" &&
        run cp "$units/tmpfiles.conf" "$PLACE/etc/tmpfiles.d/cashticket.conf" &&
        run systemd-sysusers cashticket.conf && run systemd-tmpfiles --create cashticket.conf &&
        run cp "$stores/start-store.sh" "$stores/mend-log.sh" "$CONFIG/store/" &&
        run cp "$stores/redis-live.conf" "$stores/redis-queue.conf" "$CONFIG/store/" &&
        run cp "$units/cashticket-.service.d/hardening.conf" "$UNITS/cashticket-.service.d/" || return
    for unit in "$units"/cashticket*.service "$units"/cashticket*.timer "$units"/cashticket*.target; do
        run cp "$unit" "$UNITS/" || return
    done
    service daemon-reload
}

# So that the machine starts everything by itself, and everything stops with the target.
enable_all() {
    # shellcheck disable=SC2046  # a list of names
    service enable --quiet cashticket.target $(units_of "$WORKERS $WEBS $LIVES $WATCH $PROXY") &&
        service start cashticket.target
}
