"""A visitor's connection to nginx, kept as long as it is good. Everything is recorded before it is sent."""

import json
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode

from lab.history import Recorder
from lab.signed_in import SignedIn
from tests.storm.fault_campaign import pieces

SECONDS = 5.0
"""A browser waits longer; asking again sooner makes the test harder."""

JSON = {"Accept": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
Reply = tuple[int, str]


class Connection:
    """Sends requests as one program of the visitor `name`."""

    def __init__(self, port: int, recorder: Recorder, name: int) -> None:
        self._port, self._recorder, self._name = port, recorder, name
        self._connection: HTTPConnection | None = None

    def bid(self, auction: int, guest: SignedIn, amount: int, request_id: str) -> str:
        """Send a bid that is sure of its amount. Returns `ok`, the reason of a refusal, `unavailable`, or `unknown`."""
        form = {"amount": amount, "sure": amount, "request_id": request_id}
        facts = {"auction": auction, "person": guest.person, **form}
        pending = self._recorder.invoke("bid", **facts, client=self._name)
        reply = self._post(f"/auctions/{auction}/bids", guest, form)
        if reply is None:
            pending.unknown("no answer")
            return "unknown"
        status, text = reply
        if status in (200, 201):
            confirmation = json.loads(text)
            pending.ok(**_answer(confirmation))
            return "ok"
        if status == 422:
            reason = str(json.loads(text)["reason"])
            pending.fail(reason)
            return reason
        if status == 503:
            pending.fail("unavailable")
            return "unavailable"
        pending.unknown(str(status))
        return "unknown"

    def move(self, award: int, guest: SignedIn, move: str) -> str:
        """Buy, decline or cancel. Returns `ok`, the status of a refusal, or `unknown`."""
        pending = self._recorder.invoke("move", award=award, person=guest.person, move=move)
        reply = self._post(f"/awards/{award}/{move}", guest, {})
        if reply is None or reply[0] >= 500:
            pending.unknown("no answer" if reply is None else str(reply[0]))
            return "unknown"
        if reply[0] == 200:
            pending.ok(state=json.loads(reply[1])["state"])
            return "ok"
        pending.fail(str(reply[0]))
        return str(reply[0])

    def look(self, auction: int, guest: SignedIn | None, *, cached: bool = False) -> None:
        """Read a guest's standing, or the board: the current one, or the cached copy."""
        piece = "standing" if guest else "board"
        person = guest.person if guest else 0
        pending = self._recorder.invoke("seen", auction=auction, person=person, piece=piece, by="page")
        path = f"/auctions/{auction}/{piece}{'?lang=ko' if cached else ''}"
        reply = self._send("GET", path, None, {"Cookie": guest.cookie} if guest else {})
        if reply is None:
            pending.unknown("no answer")
        elif reply[0] != 200:
            pending.fail(str(reply[0]))
        else:
            facts = pieces.standing(reply[1]) if guest else pieces.board(reply[1])
            pending.ok(**facts) if facts else pending.fail("unreadable")

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def _post(self, path: str, guest: SignedIn, fields: dict[str, Any]) -> Reply | None:
        headers = {**JSON, **FORM, "Cookie": guest.cookie, "X-CSRFToken": guest.token}
        return self._send("POST", path, urlencode(fields), headers)

    def _send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Reply | None:
        try:
            if self._connection is None:
                self._connection = HTTPConnection("127.0.0.1", self._port, timeout=SECONDS)
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            reply = answer.status, answer.read().decode()
        except (OSError, HTTPException):
            self.close()
            return None
        if answer.status >= 500:
            # After an error the next request uses a new connection.
            self.close()
        return reply


def _answer(confirmation: dict[str, Any]) -> dict[str, Any]:
    """A confirmation as the history knows it. HTTP answers have no `at_ms`."""
    moment = datetime.fromisoformat(confirmation["ends_at"].replace("Z", "+00:00"))
    names = ("sequence", "amount", "rank", "winning", "chances_left", "cutoff", "replayed")
    numbers = {"nth": 3 - confirmation["chances_left"], "ends_at_ms": round(moment.timestamp() * 1000)}
    return {name: confirmation[name] for name in names} | numbers
