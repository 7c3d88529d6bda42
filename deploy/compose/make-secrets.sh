#!/bin/sh
# Makes the secrets of docker-compose.yml as files, where they are not there yet. Only you can enter their folder; in the
# containers that use them they are read by accounts of other numbers, so the files themselves can be read.
#
#   sh deploy/compose/make-secrets.sh [FOLDER]
#
# mail_url is left to you: write the address of your mail server into it.
set -eu
folder=${1:-$(dirname "$0")/secrets}
umask 077
mkdir -p "$folder"
chmod 700 "$folder"

keep() {
    # Write standard input to a file unless it is there, whole or not at all.
    [ -e "$folder/$1" ] && return
    cat >"$folder/.$1"
    chmod 444 "$folder/.$1"
    mv "$folder/.$1" "$folder/$1"
}

random() {
    od -An -N32 -tx1 /dev/urandom | tr -d ' \n'
}

for name in secret_key identity_key database_password migration_password live_store_password queue_store_password; do
    random | keep "$name"
done
# Empty: no former keys, and no pushes, SMS and identities until you replace the others (docs/operations.md).
: | keep secret_key_fallbacks
: | keep vapid_private_key
: | keep sms_url
: | keep identity_url
server=database:3306/cashticket
printf 'mysql+pymysql://cashticket:%s@%s' "$(cat "$folder/database_password")" "$server" | keep database_url
printf 'mysql+pymysql://cashticket_migrate:%s@%s' "$(cat "$folder/migration_password")" "$server" |
    keep migration_database_url
for store in live queue; do
    printf 'redis://cashticket:%s@%s-store:6379/0' "$(cat "$folder/${store}_store_password")" "$store" |
        keep "${store}_store_url"
done
[ -e "$folder/mail_url" ] || echo "Write the address of your mail server into $folder/mail_url, then chmod 444 it."
