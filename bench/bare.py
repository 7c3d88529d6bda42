"""A bare Flask application, the yardstick of what a request costs at least: no settings, hooks, session or form.

`POST /bare` answers a constant of 2 bytes to measurements of bids, `GET /bare` the same to those of pages.
This module is its gunicorn's configuration too: `gunicorn.conf.py` starts parts of our application.
"""

from flask import Flask

keepalive = 75
control_socket_disable = True

app = Flask(__name__)


@app.route("/bare", methods=["GET", "POST"])
def bare() -> str:
    return "ok"
