"""gunicorn's door to a system of the load lab."""

import os

from cashticket.logs import setup
from lab.systems.application import make_application

app = make_application(os.environ)
setup.name_process("cli")
