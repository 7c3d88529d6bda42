#!/bin/sh
# Runs a command of CashTicket on a server without Docker, with the settings and the account of its workers. Give the name
# of who acts, because the account does not tell it:
#
#   sudo sh /srv/cashticket/current/deploy/host/operate.sh concert list
#   sudo sh /srv/cashticket/current/deploy/host/operate.sh auction pause 3 --why '…' --operator olga
#
# `ops backup` and `ops restore` run as root with the settings of migrations, because they read and fill what other accounts
# own, and know from those of the workers where the stores are: a restore refuses a site that runs. The mail server is seen
# from where mails leave alone, by AS=mail:
#
#   sudo AS=mail sh /srv/cashticket/current/deploy/host/operate.sh ops doctor
set -eu
account=cashticket group=cashticket last=worker
case "${1:-} ${2:-}" in "ops backup" | "ops restore") account=root group=root last=migration ;; esac
case ${AS:-} in mail | push) account=cashticket-$AS last=$AS ;; esac
streams=--pipe
[ ! -t 0 ] || streams=--pty
exec systemd-run --quiet --wait --collect "$streams" \
    --property="User=$account" --property="Group=$group" --property=WorkingDirectory=/srv/cashticket/current \
    --property=EnvironmentFile=/etc/cashticket/common.env --property=EnvironmentFile=/etc/cashticket/worker.env \
    --property="EnvironmentFile=/etc/cashticket/$last.env" \
    --property=EnvironmentFile=/srv/cashticket/current/release.env \
    /srv/cashticket/current/.venv/bin/flask --app wsgi "$@"
