#!/bin/sh
# Starts a store with one account, cashticket, that may do everything but administer the server. Its password comes from
# STORE_PASSWORD and is kept as a hash. Without it one can only ask whether the store is alive.
#
#   STORE_PASSWORD=... start-store.sh redis-live.conf [more options of redis-server]
set -eu
umask 077
folder=${STORE_FOLDER:-/run/store}
hash=$(printf %s "${STORE_PASSWORD:?give the store a password}" | sha256sum | cut -d " " -f 1)
cat >"$folder/users.acl" <<ACCOUNTS
user default on nopass resetchannels -@all +ping
user cashticket on #$hash ~* &* +@all -@admin -@dangerous +info +role +config|get +client|list +client|setname +client|kill
ACCOUNTS
unset STORE_PASSWORD
exec redis-server "$@"
