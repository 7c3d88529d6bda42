"""gunicorn's doors: `app` for pages and bids, `live` for sockets alone. The `flask` command finds `app`."""

import sys

from cashticket import create_app
from cashticket.config import SettingsError
from cashticket.live.sockets_only import SocketsOnly

try:
    app = create_app()
except SettingsError as error:
    # What to set is the whole message; a traceback would only bury it.
    sys.exit(str(error))

live = SocketsOnly(app)
