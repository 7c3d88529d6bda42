"""A push service for tests, and the devices that it reaches: real HTTP, real encryption.

A device opens what it was sent with its own keys, by the steps of RFC 8291 and RFC 8188 and not by the library that the
product seals with; the service keeps each request and answers as the test wants.
"""

import base64
import hashlib
import hmac
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cashticket.accounts.push_devices import Device


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Sent:
    """One request to the service."""

    path: str
    headers: dict[str, str]
    body: bytes


class PushService(ThreadingHTTPServer):
    """Takes pushes on a port of this machine. `answers` maps a path to a status; every other path is answered 201."""

    daemon_threads = True
    # The library keeps five connections waiting; a worker opens more at once.
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.sent: list[Sent] = []
        self.answers: dict[str, int] = {}
        self.headers: dict[str, str] = {}

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Request(BaseHTTPRequestHandler):
    server: PushService
    # One connection for each push, as push services may close theirs.
    protocol_version = "HTTP/1.0"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.sent.append(Sent(self.path, dict(self.headers.items()), body))
        self.send_response(self.server.answers.get(self.path, 201))
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Says nothing."""


@contextmanager
def running_push_service() -> Iterator[PushService]:
    with PushService() as service:
        thread = threading.Thread(target=service.serve_forever, daemon=True)
        thread.start()
        try:
            yield service
        finally:
            service.shutdown()
            thread.join()


@dataclass
class Phone:
    """A browser with keys of its own, at `path` of a push service."""

    service: PushService
    path: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def device(self) -> Device:
        """As its browser names it to a script."""
        return Device(f"{self.service.origin}{self.path}", encoded(public_bytes(self.key)), encoded(self.auth))

    @property
    def fields(self) -> dict[str, str]:
        """As `push.js` sends it."""
        return {"endpoint": self.device.endpoint, "p256dh": self.device.p256dh, "auth": self.device.auth, "lang": "ko"}

    def requests(self) -> list[Sent]:
        """What the service got for it, oldest first."""
        return [each for each in list(self.service.sent) if each.path == self.path]

    def shown(self) -> list[dict[str, Any]]:
        """What it was told, opened with its own keys."""
        return [json.loads(self._open(each.body)) for each in self.requests()]

    def _open(self, body: bytes) -> bytes:
        """The contents of a sealed body: header of salt, record size and the sender's key, then one record."""
        salt, sender = body[:16], body[21 : 21 + body[20]]
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        info = b"WebPush: info\0" + public_bytes(self.key) + sender
        secret = _expand(_extract(self.auth, shared), info, 32)
        root = _extract(salt, secret)
        content_key = _expand(root, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _expand(root, b"Content-Encoding: nonce\0", 12)
        opened = AESGCM(content_key).decrypt(nonce, body[21 + body[20] :], None)
        content, mark = opened.rstrip(b"\0")[:-1], opened.rstrip(b"\0")[-1:]
        assert mark == b"\x02", "the last record ends with a 2"
        return content


def public_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    encoding, form = serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    return key.public_key().public_bytes(encoding, form)


def signed_claims(authorization: str, public_key: str) -> dict[str, Any]:
    """What a request claims of its sender, once its signature by the site's key was checked, else InvalidSignature."""
    scheme, _, rest = authorization.partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert scheme == "vapid" and parts["k"] == public_key
    signed, _, signature = parts["t"].rpartition(".")
    raw = decoded(signature)
    numbers = (int.from_bytes(half, "big") for half in (raw[:32], raw[32:]))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(public_key))
    key.verify(utils.encode_dss_signature(*numbers), signed.encode(), ec.ECDSA(hashes.SHA256()))
    claims: dict[str, Any] = json.loads(decoded(signed.partition(".")[2]))
    return claims


def _extract(salt: bytes, secret: bytes) -> bytes:
    return hmac.digest(salt, secret, "sha256")


def _expand(key: bytes, info: bytes, length: int) -> bytes:
    """The first block of HKDF, which is long enough here."""
    return hmac.new(key, info + b"\x01", hashlib.sha256).digest()[:length]
