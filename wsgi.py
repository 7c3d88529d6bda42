"""gunicorn's doors: `app` for pages and bids, `live` for sockets alone. The `flask` command finds `app`."""

import sys

from cashticket import create_app
from cashticket.config import SettingsError
from cashticket.live.sockets_only import SocketsOnly
from cashticket.logs import setup

APP_LOAD_ERROR = 4

try:
    app = create_app()
except SettingsError as error:
    # The message says what to set; a traceback would hide it. gunicorn does not try again after this exit status.
    sys.stderr.write(f"{error}\n")
    sys.exit(APP_LOAD_ERROR)
# gunicorn and the watch give another name afterwards.
setup.name_process("cli")

live = SocketsOnly(app)
