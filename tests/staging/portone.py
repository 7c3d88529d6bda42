"""A stand-in for PortOne's API: answers a verification by its id, as the reference of API V2 says it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

SECRET, STORE, CHANNEL = "api-secret/1", "store-4f1c", "channel-key-9a"


class PortOneApi(ThreadingHTTPServer):
    """`documents`: id → answer; `status` for all answers; `requests`: path and Authorization of each request."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.documents: dict[str, Any] = {}
        self.status = 200
        self.requests: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        """The IDENTITY_URL of this stand-in."""
        api = f"http://127.0.0.1:{self.server_address[1]}"
        return f"portone://:{SECRET.replace('/', '%2F')}@{STORE}/{CHANNEL}?api={api}"


class _Handler(BaseHTTPRequestHandler):
    server: PortOneApi

    def do_GET(self) -> None:
        self.server.requests.append((self.path, self.headers["Authorization"]))
        reference = unquote(urlsplit(self.path).path.rpartition("/")[2])
        document = self.server.documents.get(reference)
        status = self.server.status if document is not None or self.server.status != 200 else 404
        body = json.dumps(document if document is not None else {"type": "IDENTITY_VERIFICATION_NOT_FOUND"}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""


def verified(reference: str, **customer: Any) -> dict[str, Any]:
    """What PortOne answers of a finished verification."""
    seen = {"name": "Alice", "birthDate": "1999-02-03", "gender": "FEMALE", "isForeigner": False, "ci": "CI+of/alice=="}
    return {"status": "VERIFIED", "id": reference, "verifiedCustomer": seen | customer, "pgRawResponse": "{}"}


@contextmanager
def running_portone() -> Iterator[PortOneApi]:
    """The stand-in, serving."""
    api = PortOneApi()
    thread = threading.Thread(target=api.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        api.shutdown()
        api.server_close()
        thread.join()
