#!/bin/sh
# Fills an empty server from the primary, lets it follow, and makes every commit wait for it.
#
#   PRIMARY_HOST=192.0.2.12 REPLICATION_PASSWORD_FILE=FILE sh add-replica.sh PRIMARY_OPTIONS REPLICA_OPTIONS
#
# Both arguments are files with options of the mariadb client ([client] host, user, password) for an account with all
# rights. PRIMARY_HOST and PRIMARY_PORT (3306) are where the replica reaches the primary. A former primary is made empty
# first (mariadb-install-db --skip-test-db into a new data folder): it may hold commits that nobody was answered.
#
# READER=1 makes one more, from which pages read and which is never promoted. No commit waits for it, so its own settings
# say rpl_semi_sync_slave_enabled = OFF: otherwise it would confirm commits that the replica to be promoted may lack.
set -eu
primary=$1 replica=$2
: "${PRIMARY_HOST:?}" "${REPLICATION_PASSWORD_FILE:?}"
account="'${REPLICATION_USER:-cashticket_replica}'@'%'"
password=$(cat "$REPLICATION_PASSWORD_FILE")
case $password in *[\'\\]*) echo "the replication password must hold neither ' nor \\" >&2; exit 1 ;; esac
system="'mysql', 'sys', 'performance_schema', 'information_schema'"
databases="SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN ($system)"
accounts="SELECT CONCAT(QUOTE(User), '@', QUOTE(Host)) FROM mysql.user
WHERE User NOT IN ('', 'root', 'mysql', 'mariadb.sys') AND is_role = 'N'"

on() { mariadb "--defaults-extra-file=$1" --batch --skip-column-names --raw; }

# A server that does not answer must not be taken for an empty one.
present=$(echo "$databases" | on "$replica")
[ -z "$present" ] || { echo "the new replica is not empty: nothing was changed. It has: $present." \
    "Make it anew: mariadb-install-db --skip-test-db into a new data folder." >&2; exit 1; }
confirms=$(echo "SELECT @@GLOBAL.rpl_semi_sync_slave_enabled" | on "$replica")
[ -z "${READER:-}" ] || [ "$confirms" = 0 ] || { echo "a reader must confirm no commit: nothing was changed. Write" \
    "rpl_semi_sync_slave_enabled = OFF into its own settings, restart it, and run this again." >&2; exit 1; }
# Whatever is written there would wait for the replica that is to be made.
waits=$(echo "SELECT @@GLOBAL.rpl_semi_sync_master_enabled AND VARIABLE_VALUE = 0 FROM information_schema.GLOBAL_STATUS
WHERE VARIABLE_NAME = 'RPL_SEMI_SYNC_MASTER_CLIENTS'" | on "$primary")
[ "$waits" != 1 ] || { echo "commits on the primary wait for a replica, and none is connected: nothing was changed." \
    "Go on with one copy until this one follows: SET GLOBAL rpl_semi_sync_master_enabled = OFF on the primary, then" \
    "run this again." >&2; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
umask 077
echo "CREATE USER IF NOT EXISTS $account IDENTIFIED BY '$password'; GRANT REPLICATION SLAVE ON *.* TO $account" |
    on "$primary"
echo "$accounts" | on "$primary" >"$folder/accounts"
while read -r each; do
    # The account that runs this is on the replica already.
    printf 'SHOW CREATE USER %s; SHOW GRANTS FOR %s' "$each" "$each" | on "$primary" |
        sed 's/^CREATE USER/CREATE USER IF NOT EXISTS/; s/$/;/' >>"$folder/rights"
done <"$folder/accounts"
# shellcheck disable=SC2046
mariadb-dump "--defaults-extra-file=$primary" --single-transaction --quick --hex-blob --routines --triggers --events \
    --gtid --master-data=1 --databases $(echo "$databases" | on "$primary") >"$folder/dump"
{ echo "SET SESSION sql_log_bin = 0;"; cat "$folder/dump" "$folder/rights"; } | on "$replica"
echo "CHANGE MASTER TO MASTER_HOST = '$PRIMARY_HOST', MASTER_PORT = ${PRIMARY_PORT:-3306},
MASTER_USER = '${REPLICATION_USER:-cashticket_replica}', MASTER_PASSWORD = '$password', MASTER_USE_GTID = slave_pos,
MASTER_CONNECT_RETRY = 1; START SLAVE" | on "$replica"

sign=Rpl_semi_sync_slave_status
[ -z "${READER:-}" ] || sign=Slave_running
seconds=60
until [ "$(echo "SHOW GLOBAL STATUS LIKE '$sign'" | on "$replica" | cut -f2)" = ON ]; do
    seconds=$((seconds - 1))
    [ "$seconds" -gt 0 ] || { echo "the replica does not follow: see SHOW SLAVE STATUS on it" >&2; exit 1; }
    sleep 1
done
[ -z "${READER:-}" ] || { echo "the reader follows, and no commit waits for it" && exit; }
echo "SET GLOBAL rpl_semi_sync_master_enabled = ON" | on "$primary"
echo "the replica follows, and every commit waits for it"
