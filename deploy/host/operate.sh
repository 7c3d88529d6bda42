#!/bin/sh
# Runs a command of CashTicket on a server without Docker, with the settings and the account of its workers. Give the name
# of who acts, because the account does not tell it:
#
#   sudo sh /srv/cashticket/current/deploy/host/operate.sh concert list
#   sudo sh /srv/cashticket/current/deploy/host/operate.sh auction pause 3 --why '…' --operator olga
set -eu
streams=--pipe
[ ! -t 0 ] || streams=--pty
exec systemd-run --quiet --wait --collect "$streams" \
    --property=User=cashticket --property=Group=cashticket --property=WorkingDirectory=/srv/cashticket/current \
    --property=EnvironmentFile=/etc/cashticket/common.env --property=EnvironmentFile=/etc/cashticket/worker.env \
    --property=EnvironmentFile=/srv/cashticket/current/release.env \
    /srv/cashticket/current/.venv/bin/flask --app wsgi "$@"
