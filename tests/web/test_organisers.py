"""Organisers on pages, and their own people: refused in the auctions of that organiser, free to bid everywhere else."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select

from cashticket import config, create_app
from cashticket.accounts import recovery, rights
from cashticket.accounts.people import change, verify
from cashticket.auction.values import Permission
from cashticket.catalogue.organisers import OrganiserFacts
from cashticket.config import SettingsError
from cashticket.extensions import db
from cashticket.models import Organiser, OrganiserPerson, Person
from cashticket.wiring import current_engine
from cashticket.work.organising import save_organiser
from tests.fixtures.people import Browser, make_person
from tests.staging.auctions import open_auction
from tests.staging.mails import Mailbox
from tests.staging.rows import add_concert
from tests.web.bidding import send
from tests.web.sign_ups import become_member

LANTERN = OrganiserFacts(name="Lantern <Live>", representative="김하나", email="help@lantern.example")


def organiser(*addresses: str) -> Organiser:
    """The organiser with these people of its own."""
    return save_organiser(current_engine(), LANTERN, addresses)


def auction_of(organiser_id: int | None) -> int:
    """The id of a running auction of a concert of this organiser."""
    return open_auction(concert=add_concert(organiser_id=organiser_id))


def present(person_id: int) -> Person:
    """The account as it is now."""
    return db.session.get_one(Person, person_id, populate_existing=True)


def refusal(browser: Browser, auction: int, amount: int, request_id: str) -> str | None:
    """Why a bid is refused; None for one that is accepted."""
    answer = send(browser, auction, amount, request_id)
    assert answer.status_code in (201, 422)
    assert answer.json is not None
    return answer.json.get("reason")


def test_own_people_are_refused_in_the_auctions_of_their_organiser_alone(
    app: Flask, people: dict[str, Person], alice: Browser, bob: Browser
) -> None:
    lantern, other = (
        organiser(people["alice"].email),
        save_organiser(current_engine(), OrganiserFacts(name="Other"), ()),
    )
    own, of_other, of_nobody = auction_of(lantern.id), auction_of(other.id), auction_of(None)
    assert refusal(alice, own, 100_000, "r1") == "blocked"
    assert refusal(alice, of_other, 100_000, "r1") is None and refusal(alice, of_nobody, 100_000, "r1") is None
    assert refusal(bob, own, 100_000, "r1") is None
    assert current_engine().read(own).bidders == 1


def test_they_read_why_they_cannot_bid(app: Flask, people: dict[str, Person], alice: Browser, bob: Browser) -> None:
    own = auction_of(organiser(people["alice"].email).id)
    for path in ("standing?with=account&lang=en", "confirm?amount=100000&lang=en"):
        sentence = "You belong to the organiser of this concert"
        assert sentence in alice.get(f"/auctions/{own}/{path}").get_data(as_text=True)
        assert sentence not in bob.get(f"/auctions/{own}/{path}").get_data(as_text=True)


def test_who_is_named_while_bidding_goes_on_is_refused_at_once(
    app: Flask, people: dict[str, Person], alice: Browser
) -> None:
    lantern = organiser()
    own, other = auction_of(lantern.id), auction_of(None)
    assert refusal(alice, own, 100_000, "r1") is None and refusal(alice, other, 100_000, "r1") is None
    organiser(people["alice"].email)
    assert refusal(alice, own, 110_000, "r2") == "blocked"
    assert refusal(alice, other, 110_000, "r2") is None
    # The bid from before stands.
    assert current_engine().read(own).bidders == 1


def test_an_address_without_an_account_counts_once_somebody_proves_it(
    app: Flask, client: Browser, mailbox: Mailbox
) -> None:
    lantern = organiser("fan@example.com")
    fan = become_member(client, mailbox, email="fan@example.com")
    concert = add_concert(organiser_id=lantern.id)
    assert rights.permission(fan, concert) is Permission.BLOCKED
    assert rights.permission(fan, add_concert()) is Permission.OK
    row = db.session.scalars(select(OrganiserPerson)).one()
    assert (row.person_id, row.email) == (fan.id, None)


def test_neither_another_address_nor_a_late_proof_is_a_way_round(app: Flask, people: dict[str, Person]) -> None:
    late = make_person("dave", verified=False)
    lantern = organiser(people["alice"].email, late.email)
    concert = add_concert(organiser_id=lantern.id)
    late_id, alice_id, bob_id = late.id, people["alice"].id, people["bob"].id
    verify(late_id)
    change(alice_id, lambda row: setattr(row, "email", "elsewhere@example.com"))
    for person_id in (late_id, alice_id):
        assert rights.permission(present(person_id), concert) is Permission.BLOCKED
        auction = open_auction(concert=concert)
        assert rights.exceptions(present(person_id))[auction] is Permission.BLOCKED
    assert rights.exceptions(present(bob_id)) == {}


def test_a_closed_account_leaves_no_trace_among_own_people(app: Flask, people: dict[str, Person]) -> None:
    organiser(people["alice"].email)
    recovery.close(people["alice"].id)
    assert db.session.scalar(select(func.count()).select_from(OrganiserPerson)) == 0


def page(app: Flask, path: str) -> str:
    app.test_client_class = Browser
    return app.test_client().get(path).get_data(as_text=True)


def test_the_page_of_a_concert_names_its_organiser_and_what_is_missing(app: Flask) -> None:
    concert = add_concert(organiser_id=organiser().id)
    part = page(app, f"/concerts/{concert.id}?lang=en").partition('id="organiser-title"')[2].partition("</section>")[0]
    assert "Lantern &lt;Live&gt;" in part and "김하나" in part and "help@lantern.example" in part
    # Registration, mail-order report, address, phone and hours.
    assert part.count("not filled in yet") == 5


def test_a_concert_without_one_and_every_footer_name_that_of_the_settings(
    app: Flask, settings: config.Settings
) -> None:
    concert = add_concert().id
    named = create_app(replace(settings, organiser_name="CashTicket Inc.", organiser_phone="02-123-4567"))
    text = page(named, f"/concerts/{concert}?lang=en")
    with named.app_context():
        db.engine.dispose()
    shown, footer = text.partition('id="organiser-title"')[2], text.partition("<footer")[2]
    assert "CashTicket Inc." in shown and "Phone 02-123-4567" in footer
    assert "Not filled in yet: Representative, Business registration number" in footer


@pytest.mark.parametrize("path", ["/", "/login", "/terms", "/no-such-page"])
def test_an_installation_that_names_nobody_says_so(app: Flask, path: str) -> None:
    assert "이 사이트의 사업자 정보는 아직 입력되지 않았어요." in page(app, path).partition("<footer")[2]


def test_the_contact_of_the_help_is_real_or_said_to_be_missing(app: Flask, settings: config.Settings) -> None:
    assert "No contact is filled in yet." in page(app, "/help?lang=en")
    reachable = page(create_app(replace(settings, organiser_name="C", organiser_email="a@b.example")), "/help?lang=en")
    assert "a@b.example" in reachable and "No contact is filled in yet." not in reachable


@pytest.mark.parametrize("name", ["ORGANISER_NAME", "ORGANISER_HOURS"])
@pytest.mark.parametrize("text", ["two\nlines", "x" * 255])
def test_facts_that_make_no_line_are_refused_at_the_start(settings: config.Settings, name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=name):
        config.load({name: text}, settings.instance)
