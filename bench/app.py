"""The product's application with one more route: the yardstick.

`POST /yardstick` passes the same hooks as a bid (session, CSRF, limits on size, headers) and then does nothing, so
the ratio of a bid to it says what validation, engine and answer cost, whatever machine it runs on. `GET /yardstick`
is the same for pages.
"""

from cashticket import create_app

app = create_app()


@app.post("/yardstick")
def yardstick() -> tuple[str, int]:
    return "", 201


@app.get("/yardstick")
def yardstick_of_pages() -> str:
    return ""
