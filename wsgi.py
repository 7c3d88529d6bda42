"""gunicorn's door, and the application the `flask` command finds."""

import sys

from cashticket import create_app
from cashticket.config import SettingsError

try:
    app = create_app()
except SettingsError as error:
    # What to set is the whole message; a traceback would only bury it.
    sys.exit(str(error))
