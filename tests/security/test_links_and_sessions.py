"""Every kind of pending link and every kind of session against every act that ends them.

The thief knows alice's password, or holds a copy of her cookie, or has read her mailbox once. After alice has recovered
her account no link and no session of the thief may open anything, on pages and at the bid door.
"""

from collections.abc import Callable

import pytest
from flask import Flask

from cashticket.models import Person
from cashticket.wiring import current_engine
from tests.fixtures.people import Browser, sign_in
from tests.staging import account_acts as acts
from tests.staging.auctions import open_auction
from tests.staging.mails import Mailbox
from tests.staging.rows import PASSWORD
from tests.staging.second_factor import is_signed_in, second_step, set_app
from tests.web.bidding import JSON, send

ALICE, OLD, NEW, THIEF = "alice@example.com", "before@example.com", "after@example.com", "thief@evil.example"
THIEFS_PASSWORD = "the phrase of a thief"
COOKIE = "cashticket"


@pytest.fixture
def mailbox(app: Flask) -> Mailbox:
    return Mailbox(app)


class Stage:
    """Alice signed in, the thief signed in with her password, and everybody's mailbox."""

    def __init__(self, browser: Callable[[], Browser], mailbox: Mailbox, person: Person) -> None:
        self.browser, self.mailbox, self.person = browser, mailbox, person
        self.alice = sign_in(browser(), "alice")
        self.email = ALICE
        self.undo_link = ""

    def thief(self) -> Browser:
        """A browser of the thief, signed in with alice's password."""
        client = self.browser()
        assert acts.may_sign_in(client, self.email, PASSWORD)
        return client


@pytest.fixture
def stage(browser: Callable[[], Browser], mailbox: Mailbox, people: dict[str, Person]) -> Stage:
    return Stage(browser, mailbox, people["alice"])


# Links that are open when alice acts


def pending_reset(stage: Stage) -> str:
    return acts.ask_reset(stage.browser(), stage.mailbox, stage.email)


def pending_change(stage: Stage) -> str:
    return acts.ask_change(stage.thief(), stage.mailbox, THIEF)


def pending_undo(stage: Stage) -> str:
    """A link in the mailbox of an earlier address."""
    link = acts.change_address(stage.alice, stage.mailbox, ALICE, NEW)
    stage.email = NEW
    return link


LINKS = {"reset": pending_reset, "change": pending_change, "undo": pending_undo}


# What alice, or an operator, does


def by_reset(stage: Stage) -> None:
    acts.reset(stage.browser(), stage.mailbox, stage.email)


def by_password(stage: Stage) -> None:
    acts.change_password(stage.alice)


def by_address(stage: Stage) -> None:
    acts.change_address(stage.alice, stage.mailbox, stage.email, "third@example.com")


def by_undo(stage: Stage) -> None:
    """The thief has taken the address; alice takes it back."""
    thief = stage.thief()
    acts.undo(stage.browser(), acts.change_address(thief, stage.mailbox, stage.email, "taken@evil.example"))


def by_block(stage: Stage) -> None:
    acts.block(stage.person.id)


def by_closing(stage: Stage) -> None:
    acts.close(stage.alice)


ACTS = {
    "reset": by_reset,
    "password": by_password,
    "address": by_address,
    "undo": by_undo,
    "block": by_block,
    "closing": by_closing,
}
# A thief could do these too, so they leave the owner the way back to an earlier address.
LEAVING_UNDOS = {"reset", "password", "address", "undo"}


def opens(stage: Stage, link: str) -> bool:
    """Whether a link shows its form, and its form acts."""
    client = stage.browser()
    shown = client.get(link).status_code == 200
    acted = acts.open_link(client, link, password=THIEFS_PASSWORD).status_code == 303
    assert shown == acted, "a page and its form must agree"
    return acted


@pytest.mark.parametrize("act", ACTS)
def test_no_link_outlives_a_recovery_but_the_way_back_to_an_earlier_address(stage: Stage, act: str) -> None:
    # The undo first: making it is a change of address, which voids the others.
    pending = {kind: LINKS[kind](stage) for kind in ("undo", "reset", "change")}
    assert pending.keys() == LINKS.keys()
    for link in pending.values():
        assert stage.browser().get(link).status_code == 200, "it was open before"
    ACTS[act](stage)
    for kind in ("reset", "change", "undo"):
        assert opens(stage, pending[kind]) == (kind == "undo" and act in LEAVING_UNDOS), kind
    assert acts.account(THIEF) is None
    assert not acts.may_sign_in(stage.browser(), stage.email, THIEFS_PASSWORD)


@pytest.mark.parametrize("act", ["password", "block", "closing"])
def test_a_link_that_was_asked_for_and_is_not_mailed_yet_stays_unsent(stage: Stage, act: str) -> None:
    client = stage.browser()
    client.post("/reset", data={"email": ALICE, "csrf_token": client.token("/reset")})
    assert acts.post(stage.thief(), "/email", email=THIEF, current_password=PASSWORD).status_code == 303
    ACTS[act](stage)
    assert acts.links_in(stage.mailbox, ALICE) == acts.links_in(stage.mailbox, THIEF) == []


# Sessions that are open when alice acts


def session_of_thief(stage: Stage) -> Browser:
    return stage.thief()


def copy_of_acting_cookie(stage: Stage) -> Browser:
    copied, thief = stage.alice.get_cookie(COOKIE), stage.browser()
    assert copied is not None
    thief.set_cookie(COOKIE, copied.value)
    return thief


SESSIONS = {"another": session_of_thief, "copy": copy_of_acting_cookie}


def by_signing_out(stage: Stage) -> None:
    stage.alice.post("/logout", data={"csrf_token": stage.alice.token("/no-such-page")})


def by_signing_out_elsewhere(stage: Stage) -> None:
    assert acts.post(stage.alice, "/sign-out-elsewhere").status_code == 303


ENDINGS = {**ACTS, "signing out": by_signing_out, "signing out elsewhere": by_signing_out_elsewhere}
GOING_ON = {"password", "address", "signing out elsewhere"}
"""After these the browser that acted stays signed in."""


@pytest.mark.parametrize("act", ENDINGS)
def test_no_session_outlives_what_ends_it_neither_for_pages_nor_for_bids(stage: Stage, act: str) -> None:
    auction_id = open_auction(people=[stage.person.id])
    thieves = {kind: make(stage) for kind, make in SESSIONS.items()}
    tokens = {}
    for place, (kind, thief) in enumerate(thieves.items()):
        assert acts.is_in(thief)
        # An account whose bid stands in a running auction cannot be closed.
        if act != "closing":
            assert send(thief, auction_id, 100_000 + 5_000 * place, kind).status_code == 201
        tokens[kind] = thief.token("/no-such-page")
    ENDINGS[act](stage)
    for kind, thief in thieves.items():
        form = {"amount": 200_000, "request_id": f"after-{kind}", "csrf_token": tokens[kind]}
        bid = thief.post(f"/auctions/{auction_id}/bids", data=form, headers={"Accept": "application/json"})
        if act == "signing out" and kind == "another":
            assert acts.is_in(thief), "one device was signed out, and not this one"
            continue
        assert bid.status_code == 401 or (bid.json or {})["reason"] == "blocked", (kind, bid.text)
        assert not acts.is_in(thief), kind
        if act != "signing out":
            standing = current_engine().place(auction_id, stage.person.id).amount
            assert standing == (0 if act == "closing" else 105_000)
    if act in GOING_ON:
        assert acts.is_in(stage.alice)
        assert send(stage.alice, auction_id, 120_000, "hers").status_code == 201


def test_a_reset_in_the_browser_of_somebody_else_leaves_no_session_of_theirs(
    browser: Callable[[], Browser], people: dict[str, Person], mailbox: Mailbox
) -> None:
    shared, thief = sign_in(browser(), "bob"), browser()
    copied = shared.get_cookie(COOKIE)
    assert copied is not None
    acts.reset(shared, mailbox, ALICE)
    thief.set_cookie(COOKIE, copied.value)
    assert not is_signed_in(thief) and not is_signed_in(shared)


@pytest.mark.parametrize("newcomer", ["alice", "bob"])
@pytest.mark.parametrize("steps", [1, 2])
def test_signing_in_over_a_session_ends_it_for_a_copy_of_its_cookie_too(
    browser: Callable[[], Browser], people: dict[str, Person], newcomer: str, steps: int
) -> None:
    auction_id = open_auction(people=[person.id for person in people.values()])
    shared, thief = sign_in(browser(), "alice"), browser()
    factor = set_app(sign_in(browser(), newcomer), people[newcomer].id) if steps == 2 else None
    copied = shared.get_cookie(COOKIE)
    assert copied is not None
    thief.set_cookie(COOKIE, copied.value)
    token = thief.token("/me/profile")
    # The form of another tab.
    form = {"email": f"{newcomer}@example.com", "password": PASSWORD, "csrf_token": shared.token("/me/profile")}
    assert shared.post("/login", data=form).status_code == 303
    if factor is not None:
        assert second_step(shared, code=factor.next_code()).status_code == 303
    assert is_signed_in(shared) and not is_signed_in(thief)
    bid = {"amount": "110000", "request_id": "copy", "csrf_token": token}
    assert thief.post(f"/auctions/{auction_id}/bids", data=bid, headers=JSON).status_code == 401
    assert send(shared, auction_id, 110_000).status_code == 201, "the new session bids without signing in again"
