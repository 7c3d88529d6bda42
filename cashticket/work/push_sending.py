"""Sends one push: encrypts it for its device, signs the request, and hands it to the push service of the device."""

import threading
from datetime import datetime

from cashticket.notify import push_posting, push_sealing
from cashticket.notify.push_hosts import BadEndpoint, read_endpoint
from cashticket.notify.push_posting import Answer, NotPosted
from cashticket.notify.pushes import Push


class Unsendable(NotPosted):
    """The push will never be taken: its device has no keys, or an address that this site does not call."""


class Sender:
    """Sends pushes in the name of this site, from several threads. Each push service gets one signature a run."""

    def __init__(self, private_key: str, contact: str, hosts: tuple[str, ...]) -> None:
        """`private_key` and `contact` go into the signature, `hosts` lists the push services (`notify.push_hosts`)."""
        self._private_key, self._contact, self._hosts = private_key, contact, hosts
        self._signatures: dict[str, str] = {}
        self._lock = threading.Lock()

    @property
    def is_on(self) -> bool:
        """Whether this site has the key without which nothing is pushed."""
        return bool(self._private_key)

    def send(self, push: Push, now: datetime) -> Answer | NotPosted:
        """The answer of the push service, or why there is none. It asks no store."""
        try:
            endpoint = read_endpoint(push.endpoint, self._hosts)
            body = push_sealing.sealed(push.payload, push.p256dh, push.auth)
            headers = self._headers(push, self._signature(endpoint.origin, now))
            return push_posting.post(endpoint, headers, body)
        except NotPosted as trouble:
            return trouble
        except (BadEndpoint, ValueError) as trouble:
            return Unsendable(type(trouble).__name__)

    def _signature(self, origin: str, now: datetime) -> str:
        with self._lock:
            if origin not in self._signatures:
                signed = push_sealing.signature(self._private_key, self._contact, origin, now)
                self._signatures[origin] = signed
            return self._signatures[origin]

    @staticmethod
    def _headers(push: Push, authorization: str) -> dict[str, str]:
        return {
            "Authorization": authorization,
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(push.ttl_seconds),
            "Topic": push.topic,
            "Urgency": "high" if push.is_urgent else "normal",
        }
