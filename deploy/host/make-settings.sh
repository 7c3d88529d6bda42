#!/bin/sh
# Makes the settings of a server without Docker, where they are not there yet: a file for each role, which systemd reads
# as root and gives to the processes of that role alone, and the name that nginx answers to.
#
#   SITE=tickets.example sh deploy/host/make-settings.sh [FOLDER]
#
# DATABASE and STORES name the machines of database and stores, this one unless set. MAIL_URL in mail.env, SMS_URL and
# IDENTITY_URL in three files, and what common.env says of the organiser and of who may read backups are left to you. Copy the folder to every machine of the installation.
set -eu
folder=${1:-/etc/cashticket}
here=$(dirname "$0")
: "${SITE:?say under which name people come, as in SITE=tickets.example}"
database=${DATABASE:-127.0.0.1} stores=${STORES:-127.0.0.1}
mkdir -p "$folder"
sh "$here/../compose/make-secrets.sh" "$folder/secrets" >/dev/null
umask 077

secret() { cat "$folder/secrets/$1"; }

# Write standard input to a file unless it is there.
keep() {
    if [ -e "$folder/$1" ]; then
        echo "$folder/$1 is there already and stays as it is." >&2
    else
        cat >"$folder/$1"
    fi
}

# What every role but migration needs.
links() {
    cat <<SETTINGS
ROLE=$1
SECRET_KEY=$(secret secret_key)
SECRET_KEY_FALLBACKS=
DATABASE_URL=mysql+pymysql://cashticket:$(secret database_password)@$database:3306/cashticket
REDIS_URL=redis://cashticket:$(secret live_store_password)@$stores:6379/0
QUEUE_REDIS_URL=redis://cashticket:$(secret queue_store_password)@$stores:6380/0
SETTINGS
}

keep common.env <<SETTINGS
APP_ENV=production
BASE_URL=https://$SITE
FLASK_APP=wsgi
PYTHONUNBUFFERED=1
PYTHONDONTWRITEBYTECODE=1
POSTERS=/var/lib/cashticket/posters
WITNESS_DIR=/var/lib/cashticket/witness
ORGANISER_NAME=
ORGANISER_REPRESENTATIVE=
ORGANISER_REGISTRATION_NUMBER=
ORGANISER_MAIL_ORDER_NUMBER=
ORGANISER_ADDRESS=
ORGANISER_EMAIL=
ORGANISER_PHONE=
ORGANISER_HOURS=
BACKUP_RECIPIENTS=
SETTINGS
{ links web && echo VAPID_PUBLIC_KEY= && echo SMS_URL= && echo IDENTITY_URL=; } | keep web.env
# The watch pauses bidding before these disks are full, where this machine has them. Commands, which have these settings,
# must know what auctions can ask bidders to prove.
{ links worker && echo "${DISK_PATHS+DISK_PATHS=$DISK_PATHS}" && echo SMS_URL= && echo IDENTITY_URL=; } | keep worker.env
{
    links mail && echo MAIL_URL= && echo MAIL_FROM= && echo SMS_URL= && echo IDENTITY_URL=
    echo "IDENTITY_KEY=$(secret identity_key)"
} | keep mail.env
{ links push && echo VAPID_PRIVATE_KEY= && echo VAPID_CONTACT=; } | keep push.env
keep migration.env <<SETTINGS
ROLE=migration
MIGRATION_DATABASE_URL=mysql+pymysql://cashticket_migrate:$(secret migration_password)@$database:3306/cashticket
DATABASE_ACCOUNT=cashticket
SETTINGS
for store in live queue; do echo "STORE_PASSWORD=$(secret "${store}_store_password")" | keep "$store-store.env"; done
umask 022
mkdir -p "$folder/nginx"
sed "s/tickets\.example/$SITE/" "$here/site.conf" | keep nginx/site.conf
