"""What Locust's people do: sign in by the form, open the auction, review a bid and send it, by the forms of the pages.

Locust runs this file in an environment of its own, without CashTicket. PLAN names a JSON file: auction (id), password,
minimum and step (won), pacing (seconds from one visit of a person to the next), guests (file with e-mail addresses),
answers (file that each answer goes to, in the form of `lab/load/raw.py`), summary (file for what Locust counted).
"""

import json
import os
import re
import time
from itertools import count
from pathlib import Path

from locust import HttpUser, constant_pacing, events, task
from locust.exception import StopUser
from requests.adapters import HTTPAdapter

PLAN = json.loads(Path(os.environ["PLAN"]).read_text())
GUESTS = json.loads(Path(PLAN["guests"]).read_text())
ANSWERS = open(PLAN["answers"], "w", encoding="utf-8", buffering=1)  # noqa: SIM115
AUCTION = f"/auctions/{PLAN['auction']}"
NUMBERS, ADDRESSES = count(), count(1)
WRONG_PAGE = 999
BODY_CHARACTERS = 400


@events.quitting.add_listener
def write_summary(environment, **_):
    """Write how many requests Locust counted, for the lab to compare with the answers."""
    requests = {"values": {"count": environment.stats.total.num_requests}}
    Path(PLAN["summary"]).write_text(json.dumps({"metrics": {"http_reqs": requests}}))
    ANSWERS.close()


class FromAddress(HTTPAdapter):
    """Connections from one loopback address: nginx limits what one address may send."""

    def __init__(self, address):
        self.address = address
        super().__init__()

    def init_poolmanager(self, *arguments, **options):
        super().init_poolmanager(*arguments, source_address=(self.address, 0), **options)


class Bidder(HttpUser):
    """One person after the other, each with a session of their own."""

    wait_time = constant_pacing(PLAN["pacing"])

    def on_start(self):
        self.client.mount("http://", FromAddress(f"127.0.1.{next(ADDRESSES) % 200 + 1}"))

    @task
    def visit(self):
        """Sign in and bid."""
        number = next(NUMBERS)
        if number >= len(GUESTS):
            raise StopUser
        self.client.cookies.clear()
        self.origin = {"Origin": self.host}
        if self.sign_in(number) and self.open_auction(number):
            self.bid(number)

    def sign_in(self, number):
        """Whether the form led to the auction."""
        form = self.step("form", number, "GET", f"/login?next={AUCTION}", mark='name="csrf_token"')
        if form is None:
            return False
        typed = {"email": GUESTS[number], "password": PLAN["password"]}
        data = {"csrf_token": field(form, "csrf_token"), "next": field(form, "next")} | typed
        return self.step("sign-in", number, "POST", "/login", data=data, headers=self.origin, status=303) is not None

    def open_auction(self, number):
        """Whether the page and the own standing came."""
        if self.step("page", number, "GET", AUCTION, mark='id="board"') is None:
            return False
        headers = {"HX-Request": "true"}
        return self.step("standing", number, "GET", f"{AUCTION}/standing", headers=headers, mark='id="standing"')

    def bid(self, number):
        """Review a bid and send the form of the review."""
        address = f"{AUCTION}/confirm?amount={PLAN['minimum'] + PLAN['step'] * number}"
        review = self.step("review", number, "GET", address, headers={"HX-Request": "true"}, mark='name="request_id"')
        if review is None:
            return
        data = {name: field(review, name) for name in ("csrf_token", "amount", "request_id")}
        data["sure"] = data["amount"]
        headers = self.origin | {"Accept": "application/json"}
        self.step("bid", number, "POST", f"{AUCTION}/bids", data=data, headers=headers, status=201)

    def step(self, kind, number, method, address, *, data=None, headers=None, mark="", status=200):
        """Send one request and write its answer. Returns the page, or None when another one came."""
        options = {"data": data, "headers": headers, "timeout": 5, "allow_redirects": False, "catch_response": True}
        sent, began = time.time(), time.perf_counter()
        with self.client.request(method, address, name=kind, **options) as answer:
            waited = time.perf_counter() - began
            is_other = answer.status_code == status and mark not in (answer.text or "")
            body = " ".join(f"{data['request_id']} {answer.text}"[:BODY_CHARACTERS].split()) if kind == "bid" else ""
            code = WRONG_PAGE if is_other else answer.status_code
            cells = (int(sent * 1000), int((sent + waited) * 1000), f"bid.{kind}:{number}", code)
            ANSWERS.write("\t".join(map(str, (*cells, f"{waited * 1000:.3f}", body))) + "\n")
            if code != status:
                answer.failure(f"status {answer.status_code}" + (" and another page" if is_other else ""))
                return None
            answer.success()
            return answer.text or "empty"


def field(page, name):
    """The value of a hidden field of a form."""
    value = re.search(rf'name="{name}" value="([^"]*)"', page)
    return value[1] if value else ""
