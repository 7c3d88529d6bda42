#!/bin/sh
# Makes a replica the primary, or a lone server that has just started one. The former primary must have no way back to
# the product: this takes it out of the front first. Repeat it after an interruption.
#
#   sh promote.sh FORMER NEW [OPTION OF THE mariadb CLIENT ...]
#
# FORMER and NEW are the names in haproxy.cfg; the client must reach NEW as an account with all rights.
# HAPROXY_SOCKETS names the admin sockets of all fronts, HAPROXY_STATE the file that keeps their choice. WITH_REPLICA=1
# says that another server follows NEW already, so that commits wait for it: after a restart of a primary that has one.
set -eu
former=$1 new=$2
shift 2
sockets=${HAPROXY_SOCKETS:-/run/haproxy/admin.sock}
state=${HAPROXY_STATE:-/var/lib/haproxy/database.state}

fronts() {
    for socket in $sockets; do
        answer=$(printf '%s\n' "$1" | socat -t 5 - "UNIX-CONNECT:$socket")
        [ -z "$answer" ] || { echo "$socket: $answer" >&2; exit 1; }
    done
}
# Not one pipe: a server that does not answer must not be taken for one without a primary.
status() {
    report=$(mariadb "$@" --execute "SHOW SLAVE STATUS\G")
    printf '%s\n' "$report" | sed -n "s/^ *$field: //p"
}

fronts "set server database/$former state maint"
fronts "shutdown sessions server database/$former"

field=Slave_SQL_Running running=$(status "$@")
if [ -n "$running" ]; then
    mariadb "$@" --batch --skip-column-names --execute "STOP SLAVE IO_THREAD"
    [ "$running" = Yes ] || { echo "$new does not apply what it received: see SHOW SLAVE STATUS. Do not restart it:" \
        "it would throw away what it received and has not applied." >&2; exit 1; }
    # What it applies must not wait for a replica of its own.
    mariadb "$@" --batch --execute "SET GLOBAL rpl_semi_sync_master_enabled = OFF"
    field=Gtid_IO_Pos received=$(status "$@")
    echo "$new applies what it received, up to $received"
    wait="SELECT MASTER_GTID_WAIT('$received', ${PROMOTE_SECONDS:-300})"
    [ "$(mariadb "$@" --batch --skip-column-names --execute "$wait")" = 0 ] || {
        echo "$new has not applied everything in time. Run this again." >&2; exit 1; }
    mariadb "$@" --batch --skip-column-names --execute "STOP SLAVE; RESET SLAVE ALL"
fi
# Alone it would wait for a replica for ever.
waits=OFF
[ -z "${WITH_REPLICA:-}" ] || waits=ON
mariadb "$@" --batch --execute "SET GLOBAL rpl_semi_sync_master_enabled = $waits; SET GLOBAL read_only = OFF"

fronts "set server database/$new state ready"
for socket in $sockets; do
    printf 'show servers state\n' | socat -t 5 - "UNIX-CONNECT:$socket" >"$state.new" && mv "$state.new" "$state"
done
if [ "$waits" = ON ]; then
    echo "$new is the primary, and every commit waits for its replica"
else
    echo "$new is the primary, without a replica. Make one now: deploy/database/add-replica.sh"
fi
