"""The product's application with one more route, the yardstick that other routes are compared with.

`POST /yardstick` passes the same hooks as a bid (session, CSRF, limits on size, headers) and then does nothing. The
ratio of a bid to it shows what validation, engine and answer cost on any machine. `GET /yardstick` is its counterpart
for pages.
"""

from cashticket import create_app

app = create_app()


@app.post("/yardstick")
def yardstick() -> tuple[str, int]:
    return "", 201


@app.get("/yardstick")
def yardstick_of_pages() -> str:
    return ""
