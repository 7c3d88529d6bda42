#!/bin/sh
# Sentinel runs this after a failover: it makes the former primary a replica as soon as that one can be reached again. By
# itself Sentinel waits some ten seconds, in which a primary that was only cut off would go on taking orders.
#
# SENTINELS as for start-store.sh. Where the stores have accounts, DEMOTING_ACCOUNT names one that may do REPLICAOF, CONFIG
# REWRITE and CLIENT KILL, and REDISCLI_AUTH has its password. Both are in the environment of redis-sentinel. Sentinel ends
# a script after a minute, and starts one that ended with 1 again.
set -eu
name=$1 role=$2 from_host=$4 from_port=$5 to_host=$6 to_port=$7
[ "$role" = leader ] || exit 0

# Whether the store that was promoted still is the primary: another failover may have followed.
is_current() {
    for sentinel in $SENTINELS; do
        primary=$(timeout 1 redis-cli -h "${sentinel%:*}" -p "${sentinel##*:}" --raw \
            SENTINEL GET-MASTER-ADDR-BY-NAME "$name" 2>/dev/null | paste -s -d : -) || continue
        case $primary in
            "$to_host:$to_port") return 0 ;;
            *:[0-9]*) return 1 ;;
        esac
    done
    return 0
}

former() {
    timeout 1 redis-cli -h "$from_host" -p "$from_port" ${DEMOTING_ACCOUNT:+--user "$DEMOTING_ACCOUNT"} "$@" 2>/dev/null
}

tries=25
while [ "$tries" -gt 0 ] && is_current; do
    if former REPLICAOF "$to_host" "$to_port" | grep -q OK; then
        former CONFIG REWRITE || true
        former CLIENT KILL TYPE normal || true
        former CLIENT KILL TYPE pubsub || true
        exit 0
    fi
    tries=$((tries - 1))
    sleep 0.5
done
is_current || exit 0
exit 1
