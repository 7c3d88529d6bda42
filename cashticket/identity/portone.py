"""The identity verification of PortOne (V2): its window opens in the browser, its API says whom it has seen.

What the browser brings back proves nothing and is not believed: name, birth date and key are fetched from the API, for
the reference that we chose. The key is the CI, which is one person's at every shop, or the DI, which is theirs at this
one; the same channel must go on giving the same, or people are not recognised.
"""

import http.client
import json
import ssl
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

from cashticket.identity.provider import Beginning, Identity, NotIdentified, ProviderAway
from cashticket.models.identity_checks import CheckOutcome

HINT = "write portone://:API_SECRET@STORE_ID/CHANNEL_KEY, or local: outside production"
API = "https://api.portone.io"
LOCAL_HOSTS = ("127.0.0.1", "::1", "localhost")
PAGE = "/me/profile/identity/window"
TIMEOUT_SECONDS = 10.0
BYTES_MAX = 256 * 1024
VERIFIED, UNFINISHED = "VERIFIED", ("READY", "FAILED")


@dataclass(frozen=True, slots=True)
class Account:
    """What PortOne calls us: `secret` ("" where answers are not fetched), store and channel, and the API's address."""

    secret: str
    store: str
    channel: str
    api: SplitResult


def account_of(url: str) -> Account:
    """The account that an IDENTITY_URL names. Raises ValueError with the end of a sentence that begins with
    IDENTITY_URL and quotes nothing of it."""
    try:
        parts = urlsplit(url)
        # `hostname` would make a store's id lower case.
        store = parts.netloc.rpartition("@")[2]
        api = urlsplit(parse_qs(parts.query).get("api", [API])[0])
        _ = api.port
    except ValueError as error:
        raise ValueError(f"is no address of a provider; {HINT}") from error
    channel = unquote(parts.path.strip("/"))
    if parts.scheme != "portone" or not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError(f"names no provider that there is; {HINT}")
    if not store or not channel or "/" in channel:
        raise ValueError(f"names no store or no channel; {HINT}")
    if api.scheme != "https" and api.hostname not in LOCAL_HOSTS:
        raise ValueError(f"would fetch answers without TLS; {HINT}")
    return Account(unquote(parts.password or ""), unquote(store), channel, api)


class PortOne:
    """Verifies people by PortOne."""

    is_remote = True

    def __init__(self, account: Account) -> None:
        self.account = account

    def begin(self, beginning: Beginning) -> str:
        """The page that opens PortOne's window."""
        return PAGE

    def answer(self, reference: str, returned: str, now: datetime) -> Identity:
        """Whom PortOne has seen, by its API."""
        status, document = self._fetched(reference)
        if status == http.client.NOT_FOUND:
            raise NotIdentified(CheckOutcome.NOT_DONE)
        if status != http.client.OK:
            raise ProviderAway(f"PortOne answered {status}")
        if document.get("status") in UNFINISHED:
            raise NotIdentified(CheckOutcome.NOT_DONE)
        if document.get("status") != VERIFIED:
            raise ProviderAway("PortOne answered in a way that is not known here")
        if document.get("id") != reference or _is_another(document.get("channel"), self.account.channel):
            raise NotIdentified(CheckOutcome.FORGED)
        return _identity(document.get("verifiedCustomer"))

    def _fetched(self, reference: str) -> tuple[int, dict[str, Any]]:
        account = self.account
        if not account.secret:
            raise ProviderAway("this process has no API secret in IDENTITY_URL")
        path = f"{account.api.path}/identity-verifications/{quote(reference, safe='')}"
        headers = {"Authorization": f"PortOne {account.secret}", "Accept": "application/json"}
        try:
            with closing(_connection(account.api)) as connection:
                connection.request("GET", f"{path}?storeId={quote(account.store, safe='')}", headers=headers)
                answer = connection.getresponse()
                document = json.loads(answer.read(BYTES_MAX) or b"{}")
        except (OSError, http.client.HTTPException, ValueError, RecursionError) as error:
            raise ProviderAway(f"PortOne: {type(error).__name__}") from error
        return answer.status, document if isinstance(document, dict) else {}


def _is_another(channel: Any, own: str) -> bool:
    """Whether an answer came through another channel than ours. The browser opens the window, so it may name any
    channel of the shop: one for tests would believe every name."""
    key = channel.get("key") if isinstance(channel, dict) else None
    return key is not None and key != own


def _identity(customer: Mapping[str, Any] | None) -> Identity:
    seen = customer if isinstance(customer, dict) else {}
    key = seen.get("ci") or seen.get("di")
    name, born = seen.get("name"), seen.get("birthDate")
    if not isinstance(key, str) or not isinstance(name, str) or not isinstance(born, str):
        raise NotIdentified(CheckOutcome.NO_KEY)
    try:
        return Identity(name, date.fromisoformat(born), key)
    except ValueError:
        raise NotIdentified(CheckOutcome.NO_KEY) from None


def _connection(api: SplitResult) -> http.client.HTTPConnection:
    host = api.hostname or ""
    if api.scheme == "http":
        return http.client.HTTPConnection(host, api.port, timeout=TIMEOUT_SECONDS)
    context = ssl.create_default_context()
    return http.client.HTTPSConnection(host, api.port, timeout=TIMEOUT_SECONDS, context=context)
