"""SMS, and the sender that SMS_URL names.

`https://…`: a gateway that takes each SMS as a POST of JSON; without TLS only on this machine. `console:` prints to
standard error, `file:DIRECTORY` writes one .txt file for each SMS; both are for development and tests.

What a gateway gets: `{"to": "+821012345678", "text": "…", "id": "…"}`, and the `id` as header Idempotency-Key too: it
is the same whenever the same SMS is sent again. `https://:TOKEN@host/path` sends `Authorization: Bearer TOKEN`,
`https://user:password@host/path` signs in with Basic. Any 2xx means taken.
"""

import base64
import http.client
import json
import ssl
import sys
from contextlib import closing
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from cashticket.logs.failures import failure_text
from cashticket.notify.message_files import write_message
from cashticket.notify.refusals import RecipientDeferred, RecipientRefused, ServerRefused, failure_of

HINT = "write https://:TOKEN@gateway.example/path, console: or file:DIRECTORY"
TIMEOUT_SECONDS = 10.0
LOCAL = ("127.0.0.1", "::1", "localhost")
REFUSED_FOR_GOOD = (400, 404, 410, 422)
"""Statuses of a gateway that will never take this SMS."""

REFUSES_US = (401, 403)


class SmsSender(Protocol):
    """Sends SMS one after the other."""

    def send(self, number: str, text: str, message_id: str) -> None:
        """Send one SMS to a number (E.164). Raises ServerRefused, RecipientRefused and RecipientDeferred."""


def sender(sms_url: str) -> SmsSender:
    """The sender of an SMS_URL. Raises ValueError for a malformed one, with the end of a sentence that begins with
    SMS_URL and quotes nothing of it."""
    scheme, _, rest = sms_url.partition(":")
    if scheme == "console":
        return _Console()
    if scheme == "file" and rest:
        return _Folder(Path(unquote(rest.removeprefix("//"))))
    if scheme in ("http", "https"):
        return _Gateway(_gateway_of(sms_url))
    raise ValueError(f"names no way to send SMS that there is; {HINT}")


class _Console:
    def send(self, number: str, text: str, message_id: str) -> None:
        """Print the SMS."""
        sys.stderr.write(f"SMS to {number}\n{text}\n\n")
        sys.stderr.flush()


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, number: str, text: str, message_id: str) -> None:
        """Write the SMS as one file."""
        try:
            write_message(self._folder, "txt", f"To: {number}\n\n{text}\n".encode())
        except OSError as error:
            raise ServerRefused(f"SMS folder: {failure_text(error)}") from error


class _Gateway:
    def __init__(self, address: SplitResult) -> None:
        self._address = address

    def send(self, number: str, text: str, message_id: str) -> None:
        """Hand the SMS to the gateway. No redirect is followed."""
        body = json.dumps({"to": number, "text": text, "id": message_id}).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": message_id, **_sign_in(self._address)}
        path = self._address.path or "/"
        path += f"?{self._address.query}" if self._address.query else ""
        try:
            with closing(_connection(self._address)) as connection:
                connection.request("POST", path, body, headers)
                status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            raise RecipientDeferred(failure_of(error)) from error
        _judge(status)


def _judge(status: int) -> None:
    if 200 <= status < 300:
        return
    if status in REFUSED_FOR_GOOD:
        raise RecipientRefused(str(status))
    if status in REFUSES_US or 300 <= status < 400:
        raise ServerRefused(str(status), "look at SMS_URL", tried=True)
    raise RecipientDeferred(str(status))


def _connection(address: SplitResult) -> http.client.HTTPConnection:
    host = address.hostname or ""
    if address.scheme == "http":
        return http.client.HTTPConnection(host, address.port, timeout=TIMEOUT_SECONDS)
    context = ssl.create_default_context()
    return http.client.HTTPSConnection(host, address.port, timeout=TIMEOUT_SECONDS, context=context)


def _sign_in(address: SplitResult) -> dict[str, str]:
    user, password = unquote(address.username or ""), unquote(address.password or "")
    if not password:
        return {}
    if not user:
        return {"Authorization": f"Bearer {password}"}
    return {"Authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}


def _gateway_of(sms_url: str) -> SplitResult:
    try:
        address = urlsplit(sms_url)
        port = address.port
    except ValueError as error:
        raise ValueError(f"is no address of a gateway; {HINT}") from error
    if not sms_url.isascii() or not sms_url.isprintable() or " " in sms_url or "#" in sms_url or port == 0:
        raise ValueError(f"is no address of a gateway; {HINT}, with %23, %40 and %2F for #, @ and / in the token")
    if not address.hostname:
        raise ValueError(f"names no host; {HINT}")
    if address.scheme == "http" and address.hostname not in LOCAL:
        raise ValueError(f"would send codes without TLS; {HINT}")
    return address
