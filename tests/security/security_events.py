"""What people do at each door that writes a line of the security log. Every act prepares itself, then forgets the lines
so far, then does the one thing that is tested."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask

from cashticket.accounts.security_log import SecurityEvent
from cashticket.blueprints.request.bid_pace import Pace
from cashticket.models import Person
from tests.fixtures.logs import LogLines
from tests.fixtures.people import Browser, make_person, sign_in
from tests.staging import account_acts as acts
from tests.staging.auctions import open_auction
from tests.staging.mails import Mailbox
from tests.staging.rows import PASSWORD
from tests.web.bidding import send
from tests.web.sign_ups import follow, sign_up

ALICE, DORA, AFTER = "alice@example.com", "dora@example.com", "after@example.com"
NEW_PASSWORD = "a new fine phrase"
WHY = ("--why", "asked by alice@example.com", "--operator", "bob")


@dataclass
class Stage:
    """Four people who can sign in, a mailbox, and the lines since `begin`."""

    app: Flask
    browser: Callable[[], Browser]
    mailbox: Mailbox
    people: dict[str, Person]
    log_lines: LogLines
    tokens: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """Forget the lines so far: what follows is tested."""
        self.log_lines.forget()

    def alice(self) -> Browser:
        """Alice's first browser, signed in."""
        return sign_in(self.browser(), "alice")

    def link(self, path: str) -> str:
        """`path`, whose token no line may hold."""
        self.tokens.append(path.rpartition("/")[2])
        return path

    def fail_sign_in(self, email: str, client: Browser | None = None) -> int:
        client = client or self.browser()
        form = {"email": email, "password": "wrong", "csrf_token": client.token()}
        return client.post("/login", data=form).status_code

    def command(self, *words: str) -> Any:
        """What a command prints with --json."""
        result = self.app.test_cli_runner().invoke(args=[*words])
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout) if "--json" in words else result.stdout


def right_sign_in(stage: Stage) -> None:
    client = stage.browser()
    client.get("/login")
    stage.begin()
    sign_in(client, "alice")


def wrong_sign_in(stage: Stage) -> None:
    assert stage.fail_sign_in(ALICE) == 422


def unknown_sign_in(stage: Stage) -> None:
    assert stage.fail_sign_in("nobody@example.com") == 422


def limited_sign_in(stage: Stage) -> None:
    client = stage.browser()
    assert [stage.fail_sign_in(ALICE, client) for _ in range(10)] == [422] * 10
    stage.begin()
    assert stage.fail_sign_in(ALICE, client) == 429


def unconfirmed_sign_in(stage: Stage) -> None:
    make_person("dora", verified=False)
    client = stage.browser()
    form = {"email": DORA, "password": PASSWORD, "csrf_token": client.token()}
    assert client.post("/login", data=form).status_code == 422


def sign_in_elsewhere(stage: Stage) -> None:
    stage.alice()
    stage.begin()
    stage.alice()


def sign_out(stage: Stage) -> None:
    client = stage.alice()
    token = client.token("/me/profile")
    stage.begin()
    assert client.post("/logout", data={"csrf_token": token}).status_code == 303


def end_others(stage: Stage) -> None:
    client = stage.alice()
    stage.alice()
    stage.begin()
    assert acts.post(client, "/sign-out-elsewhere").status_code == 303


def ask_sign_up(stage: Stage) -> None:
    assert sign_up(stage.browser(), email=DORA).status_code == 303


def confirm_sign_up(stage: Stage) -> None:
    client = stage.browser()
    sign_up(client, email=DORA)
    link = stage.link(stage.mailbox.link(DORA))
    stage.begin()
    assert follow(client, link).status_code == 303


def fail_sign_up_proof(stage: Stage) -> None:
    sign_up(stage.browser(), email=DORA)
    link = stage.link(stage.mailbox.link(DORA))
    stage.begin()
    assert follow(stage.browser(), link, password="wrong password").status_code == 422


def broken_link(stage: Stage) -> None:
    assert stage.browser().get(stage.link("/reset/WzEsImFiY2RlZiJd.hq3Jw0cJm9QdVx4mM1q8a7tB2nE")).status_code == 410


def used_link(stage: Stage) -> None:
    client = stage.browser()
    sign_up(client, email=DORA)
    link = stage.link(stage.mailbox.link(DORA))
    follow(client, link)
    stage.begin()
    client.get(link)


def ask_reset(stage: Stage) -> None:
    client = stage.browser()
    assert client.post("/reset", data={"email": ALICE, "csrf_token": client.token("/reset")}).status_code == 303


def ask_reset_of_nobody(stage: Stage) -> None:
    client = stage.browser()
    form = {"email": "nobody@example.com", "csrf_token": client.token("/reset")}
    assert client.post("/reset", data=form).status_code == 303


def reset(stage: Stage) -> None:
    client = stage.browser()
    link = stage.link(acts.ask_reset(client, stage.mailbox, ALICE))
    stage.begin()
    assert acts.open_link(client, link, password=NEW_PASSWORD).location == "/reset/done"


def ask_change(stage: Stage) -> None:
    client = stage.alice()
    stage.begin()
    assert acts.post(client, "/email", email=AFTER, current_password=PASSWORD).status_code == 303


def change(stage: Stage) -> None:
    client = stage.alice()
    link = stage.link(acts.ask_change(client, stage.mailbox, AFTER))
    stage.begin()
    assert acts.open_link(client, link).status_code == 303


def undo(stage: Stage) -> None:
    link = stage.link(acts.change_address(stage.alice(), stage.mailbox, ALICE, AFTER))
    client = stage.browser()
    stage.begin()
    stage.link(acts.open_link(client, link).location)


def change_password(stage: Stage) -> None:
    client = stage.alice()
    stage.begin()
    acts.change_password(client, NEW_PASSWORD)


def fail_proof(stage: Stage) -> None:
    client = stage.alice()
    stage.begin()
    assert acts.post(client, "/password", password=NEW_PASSWORD, current_password="wrong").status_code == 422


def close(stage: Stage) -> None:
    client = stage.alice()
    stage.begin()
    acts.close(client)


def rename(stage: Stage) -> None:
    client = stage.alice()
    stage.begin()
    fields = {"name": "김하나", "birth_date": "1999-02-03", "phone": "010-1234-5678", "locale": "ko"}
    assert acts.post(client, "", **fields).status_code == 303


def rename_by_command(stage: Stage) -> None:
    stage.command("user", "change", ALICE, "--name", "김하나", *WHY)


def block(stage: Stage) -> None:
    stage.command("user", "block", ALICE, *WHY)
    stage.command("user", "block", ALICE, "--lift", *WHY)


def pause(stage: Stage) -> None:
    auction_id = open_auction()
    stage.begin()
    stage.command("auction", "pause", str(auction_id), *WHY)


def foreign_form(stage: Stage) -> None:
    client = stage.browser()
    form = {"email": ALICE, "password": PASSWORD, "csrf_token": client.token()}
    assert client.post("/login", data=form, headers={"Origin": "https://evil.example"}).status_code == 400


def foreign_form_of_alice(stage: Stage) -> None:
    client = stage.alice()
    stage.begin()
    assert client.post("/logout", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 400


def form_without_token(stage: Stage) -> None:
    assert stage.browser().post("/login", data={"email": ALICE, "password": PASSWORD}).status_code == 400


def too_many_bids(stage: Stage) -> None:
    client, auction_id = stage.alice(), open_auction()
    stage.app.extensions["bid_pace"] = Pace(rate=0.001, burst=1, size=10)
    send(client, auction_id, 100_000)
    stage.begin()
    assert send(client, auction_id, 105_000, "r2").status_code == 429


def too_many_proofs(stage: Stage) -> None:
    client = stage.alice()
    for _ in range(10):
        acts.post(client, "/close", sure="yes", current_password="wrong")
    stage.begin()
    assert acts.post(client, "/close", sure="yes", current_password=PASSWORD).status_code == 429


def foreign_socket(stage: Stage) -> None:
    headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Origin": "https://evil.example"}
    headers |= {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13"}
    path = f"/auctions/{open_auction()}/live"
    answer = stage.browser().get(path, headers=headers, environ_overrides={"SERVER_PROTOCOL": "HTTP/1.1"})
    assert answer.status_code == 403


ACTS: dict[str, tuple[SecurityEvent, Callable[[Stage], None]]] = {
    "sign in": (SecurityEvent.SIGN_IN_OK, right_sign_in),
    "sign in with a wrong password": (SecurityEvent.SIGN_IN_FAILED, wrong_sign_in),
    "sign in without an account": (SecurityEvent.SIGN_IN_FAILED, unknown_sign_in),
    "sign in too often": (SecurityEvent.SIGN_IN_LIMITED, limited_sign_in),
    "sign in unconfirmed": (SecurityEvent.SIGN_IN_UNCONFIRMED, unconfirmed_sign_in),
    "sign in elsewhere": (SecurityEvent.NEW_BROWSER, sign_in_elsewhere),
    "sign out": (SecurityEvent.SIGN_OUT, sign_out),
    "sign out elsewhere": (SecurityEvent.SESSION_ENDED, end_others),
    "sign up": (SecurityEvent.SIGN_UP_REQUESTED, ask_sign_up),
    "confirm": (SecurityEvent.SIGN_UP_CONFIRMED, confirm_sign_up),
    "confirm with a wrong password": (SecurityEvent.PASSWORD_REFUSED, fail_sign_up_proof),
    "open a broken link": (SecurityEvent.LINK_REFUSED, broken_link),
    "open a used link": (SecurityEvent.LINK_REFUSED, used_link),
    "ask for a reset": (SecurityEvent.RESET_REQUESTED, ask_reset),
    "ask for a reset without an account": (SecurityEvent.RESET_REQUESTED, ask_reset_of_nobody),
    "reset": (SecurityEvent.RESET_DONE, reset),
    "ask for a change of address": (SecurityEvent.EMAIL_CHANGE_REQUESTED, ask_change),
    "change the address": (SecurityEvent.EMAIL_CHANGED, change),
    "undo a change of address": (SecurityEvent.EMAIL_CHANGE_UNDONE, undo),
    "change the password": (SecurityEvent.PASSWORD_CHANGED, change_password),
    "prove with a wrong password": (SecurityEvent.PASSWORD_REFUSED, fail_proof),
    "close the account": (SecurityEvent.ACCOUNT_CLOSED, close),
    "change the name": (SecurityEvent.PERSON_RENAMED, rename),
    "change the name by command": (SecurityEvent.PERSON_RENAMED, rename_by_command),
    "block, and lift": (SecurityEvent.ACCOUNT_BLOCKED, block),
    "pause an auction": (SecurityEvent.OPERATOR_ACT, pause),
    "send a form of another site": (SecurityEvent.ORIGIN_REFUSED, foreign_form),
    "send a form of another site, signed in": (SecurityEvent.ORIGIN_REFUSED, foreign_form_of_alice),
    "send a form without token": (SecurityEvent.TOKEN_REFUSED, form_without_token),
    "bid too fast": (SecurityEvent.LIMIT_HIT, too_many_bids),
    "prove too often": (SecurityEvent.LIMIT_HIT, too_many_proofs),
    "open a socket of another site": (SecurityEvent.SOCKET_REFUSED, foreign_socket),
}
"""Door → the event of its line, and the act."""

EXTRA = {"sign in elsewhere": (SecurityEvent.SIGN_IN_OK,), "block, and lift": (SecurityEvent.ACCOUNT_UNBLOCKED,)}
"""Doors whose act is two events: the lines after the first."""
