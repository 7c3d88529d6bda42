"""The product behind a door that takes its time: it loads once the file DOOR_OPENS is there. The file DOOR_WAITS says
before that it waits."""

import os
from pathlib import Path

from lab.waiting import wait_until

Path(os.environ["DOOR_WAITS"]).touch()
wait_until(Path(os.environ["DOOR_OPENS"]).exists, "the leave to load")

from wsgi import app  # noqa: E402, F401 - gunicorn takes it from here
