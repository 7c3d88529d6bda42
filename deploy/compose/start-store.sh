#!/bin/sh
# Starts a store with one account, cashticket, that may do everything but administer the server. Its password comes from
# STORE_PASSWORD, or from the file of STORE_PASSWORD_FILE, and is kept as a hash. The account health has none and can only ask whether the store is alive.
#
# The program mend-log.sh beside this one makes the log whole before the store reads it.
#
# A starting store reads its log back in the name of the account default, and would silently leave out every transaction
# that default may not do: every bid. So default may do everything, and nobody can sign in as it.
#
#   STORE_PASSWORD=... start-store.sh redis-live.conf [more options of redis-server]
set -eu
umask 077
folder=${STORE_FOLDER:-/run/store}
[ -z "${STORE_PASSWORD_FILE:-}" ] || STORE_PASSWORD=$(cat "$STORE_PASSWORD_FILE")
hash=$(printf %s "${STORE_PASSWORD:?give the store a password}" | sha256sum | cut -d " " -f 1)
cat >"$folder/users.acl" <<ACCOUNTS
user default off resetpass ~* &* +@all
user health on nopass resetchannels -@all +ping
user cashticket on #$hash ~* &* +@all -@admin -@dangerous +info +role +config|get +client|list +client|setname +client|kill
ACCOUNTS
unset STORE_PASSWORD STORE_PASSWORD_FILE
exec sh "$(dirname "$0")/mend-log.sh" redis-server "$@"
