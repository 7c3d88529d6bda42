"""gunicorn's door, and the application the `flask` command finds."""

from cashticket import create_app

app = create_app()
