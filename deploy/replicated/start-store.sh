#!/bin/sh
# Starts one store of a replicated live store as what the sentinels say it is now. A former primary that starts again so
# begins as a replica at once; by itself it would act as a primary until Sentinel corrects it after some ten seconds.
#
#   SENTINELS="10.0.0.21:26379 10.0.0.22:26379 10.0.0.23:26379" ADDRESS=10.0.0.11:6379 start-store.sh FILE [more options]
#
# ADDRESS is that of this store as the sentinels know it. While no sentinel answers, the store starts as its file says.
# PRIMARY_NAME is the primary's name with the sentinels (live). mend-log.sh lies beside this script; it makes the log whole.
set -eu
for sentinel in $SENTINELS; do
    primary=$(timeout 1 redis-cli -h "${sentinel%:*}" -p "${sentinel##*:}" --raw \
        SENTINEL GET-MASTER-ADDR-BY-NAME "${PRIMARY_NAME:-live}" 2>/dev/null | paste -s -d : -) || primary=""
    case $primary in
        *:[0-9]*) break ;;
        *) primary="" ;;
    esac
done
if [ -n "$primary" ] && [ "$primary" != "$ADDRESS" ]; then
    set -- "$@" --replicaof "${primary%:*}" "${primary##*:}"
fi
exec sh "$(dirname "$0")/mend-log.sh" "${STORE_PROGRAM:-redis-server}" "$@"
