"""A closed account leaves no fact of its person behind: in no column of any table, and in no value of either Redis."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
import redis
from flask import Flask
from sqlalchemy import JSON, Date, String, select

from cashticket.accounts import erasing
from cashticket.accounts.people import change
from cashticket.engine.connection import connect
from cashticket.extensions import Base, db
from cashticket.models import Award, Concert, Notification, Person, PersonChange, RecordedBid, SignIn
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.settlement import awards
from cashticket.wiring import current_engine, queue_redis
from cashticket.work.closing import close_and_announce
from tests.fixtures.people import Browser, make_person, sign_in
from tests.staging.auctions import open_auction
from tests.staging.mails import Mailbox, text_of
from tests.staging.rows import PASSWORD
from tests.web.bidding import send
from tests.web.sign_ups import become_member, follow, sign_up

AGENT = "PeculiarBrowser/7.7"
FIRST, SECOND = "alice.first@peculiar.example", "alice.second@peculiar.example"
NAME, CORRECTED, BORN, PHONE = "김별난", "김유별", "1999-02-03", "+821077778888"
FACTS = (AGENT, FIRST, SECOND, NAME, CORRECTED, BORN, PHONE, "010-7777-8888", "peculiar.example")
PROFILE = "/me/profile"


def places_in_tables(facts: tuple[str, ...]) -> Iterator[str]:
    """Every column of the whole schema that holds one of the facts, as table.column: fact."""
    db.session.rollback()
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if not isinstance(column.type, (String, JSON, Date)) and column.type.python_type is not str:
                continue
            texts = [str(value) for value in db.session.scalars(select(column)) if value is not None]
            yield from (f"{column}: {fact}" for fact in facts if any(fact.lower() in text.lower() for text in texts))


def places_in_redis(client: "redis.Redis", facts: tuple[str, ...]) -> Iterator[str]:
    """Every key of a store whose name or value holds one of the facts."""
    readers = {
        b"string": lambda key: client.get(key),
        b"hash": lambda key: client.hgetall(key),
        b"list": lambda key: client.lrange(key, 0, -1),
        b"set": lambda key: client.smembers(key),
        b"zset": lambda key: client.zrange(key, 0, -1, withscores=True),
        b"stream": lambda key: client.xrange(key),
    }
    for key in client.scan_iter():
        kind = client.type(key)
        content = repr((key, readers[kind if isinstance(kind, bytes) else kind.encode()](key)))
        yield from (f"{key!r}: {fact}" for fact in facts for form in spellings(fact) if form in content)


def spellings(fact: str) -> set[str]:
    return {fact, repr(fact.encode())[2:-1], fact.encode("unicode_escape").decode()}


def everywhere(app: Flask) -> list[str]:
    live = connect(app.extensions["settings"].redis_url)
    stores = [place for client in (live, queue_redis()) for place in places_in_redis(client, FACTS)]
    return [*places_in_tables(FACTS), *stores]


def post(browser: Browser, path: str, **fields: str) -> int:
    return browser.post(path, data=fields | {"csrf_token": browser.token("/me/notifications")}).status_code


@pytest.fixture
def member(app: Flask, browser: Callable[[], Browser], mailbox: Mailbox) -> Browser:
    """Alice, who has left facts at every door: sign-up, another device, a changed address, a forgotten password."""

    def device() -> Browser:
        client = browser()
        client.environ_base["HTTP_USER_AGENT"] = AGENT
        return client

    fields = {"email": FIRST, "name": NAME, "birth_date": BORN, "phone": "010-7777-8888"}
    sign_up(device(), **fields)
    alice, phone, laptop = device(), device(), device()
    become_member(alice, mailbox, **fields)
    sign_up(device(), **fields)
    mailbox.letters()
    assert login(alice, FIRST) == login(phone, FIRST) == 303
    assert post(alice, f"{PROFILE}/email", email=SECOND, current_password=PASSWORD) == 303
    assert follow(alice, mailbox.link(SECOND)).status_code in (200, 303)
    assert login(laptop, SECOND) == 303
    asking = device()
    asking.post("/reset", data={"email": SECOND, "csrf_token": asking.token("/reset")})
    mailbox.letters()
    return laptop


@pytest.fixture
def mailbox(app: Flask) -> Mailbox:
    return Mailbox(app)


def login(client: Browser, email: str) -> int:
    form = {"email": email, "password": PASSWORD, "csrf_token": client.token()}
    return client.post("/login", data=form).status_code


def the_member() -> Person:
    db.session.rollback()
    return db.session.scalars(select(Person).where(Person.email == SECOND)).one()


def take_part(app: Flask, alice: Browser, browser: Callable[[], Browser]) -> int:
    """An auction of one seat in which alice is pushed out, bids again, wins and buys; its concert is over."""
    make_person("bob")
    bob, auction_id = sign_in(browser(), "bob"), open_auction(seats=1)
    for bidder, amount in ((alice, 100_000), (bob, 110_000), (alice, 120_000)):
        assert send(bidder, auction_id, amount, f"r{amount}").status_code == 201
    engine = current_engine()
    engine.close(auction_id, now_ms=engine.read(auction_id).ends_at_ms)
    close_and_announce(engine, auction_id)
    award = db.session.scalars(select(Award)).one()
    awards.buy(award.id, award.person_id, award.offered_at)
    words = [str(award.person_id), "--name", CORRECTED, "--why", f"{NAME} of {SECOND} is {CORRECTED}, born {BORN}"]
    changed = app.test_cli_runner().invoke(args=["user", "change", *words, "--operator", "olga"])
    assert changed.exit_code == 0, changed.output
    blocked = app.test_cli_runner().invoke(
        args=["auction", "export", str(auction_id), "--with-people", "--why", SECOND]
    )
    assert blocked.exit_code == 0, blocked.output
    in_one_unit(
        lambda session: setattr(session.scalars(select(Concert)).one(), "starts_at", utcnow() - timedelta(days=1))
    )
    return auction_id


def test_a_closed_person_is_nowhere(
    app: Flask, browser: Callable[[], Browser], member: Browser, mailbox: Mailbox
) -> None:
    auction_id = take_part(app, member, browser)
    person_id = the_member().id
    before = everywhere(app)
    for column in ("people.name", "account_mails.email", "awards.person_name", "sign_ins.browser", "operator_acts.why"):
        assert any(place.startswith(f"{column}: ") for place in before), f"the test fills no {column}"
    assert post(member, f"{PROFILE}/close", sure="yes", current_password=PASSWORD) == 303
    assert "erased" in text_of(mailbox.newest(SECOND)) or "지워" in text_of(mailbox.newest(SECOND))
    assert everywhere(app) == []
    row = db.session.get_one(Person, person_id)
    assert (row.name, row.birth_date, row.phone, row.email) == ("", None, None, f"closed-{person_id}@closed.invalid")
    bids = db.session.scalars(select(RecordedBid).where(RecordedBid.person_id == person_id)).all()
    assert [bid.auction_id for bid in bids] == [auction_id, auction_id], "what was bid stays, under an id"


def test_the_address_is_free_again_and_the_new_account_is_another(
    browser: Callable[[], Browser], member: Browser, mailbox: Mailbox
) -> None:
    old = the_member().id
    assert post(member, f"{PROFILE}/close", sure="yes", current_password=PASSWORD) == 303
    mailbox.letters()
    fields = {"email": SECOND, "name": NAME, "birth_date": BORN, "phone": "010-7777-8888"}
    assert become_member(browser(), mailbox, **fields).id != old


def test_every_table_about_a_person_is_emptied_or_named_as_kept() -> None:
    """A new table that refers to a person is erased by itself, because its column is found by its reference."""
    emptied = {column.table.name for column in erasing.columns_of_people()} - set(erasing.RECORD_TABLES)
    assert emptied >= {"account_mails", "notifications", "person_changes", "sign_ins"}
    # Made by the product: none holds what a person typed.
    codes = ("request_id", "state", "alias", "passed_over")
    texts = {
        str(column)
        for name in erasing.RECORD_TABLES
        for column in Base.metadata.tables[name].columns
        if isinstance(column.type, (String, JSON)) and column.name not in codes
    }
    # erase() blanks the name; the reasons are the product's own words.
    assert texts == {"awards.person_name", "given_up_bids.reason"}


def test_reasons_of_other_acts_keep_their_words(app: Flask) -> None:
    alice, bob = make_person("alice"), make_person("bob")
    for person, why in ((alice, "Alice paid with a stolen card"), (bob, "Alice told on him; alice@example.com")):
        words = ["user", "block", str(person.id), "--why", why, "--operator", "olga"]
        assert app.test_cli_runner().invoke(args=words).exit_code == 0
    in_one_unit(lambda session: erasing.erase(session, session.get_one(Person, alice.id)))
    from cashticket.ledger.operator_acts import find_acts

    db.session.rollback()
    assert [act.why for act in find_acts()] == ["Alice told on him; …", "… paid with a stolen card"]
    assert change(bob.id, lambda row: None).name == "Bob"
    assert not db.session.scalars(select(SignIn.id).where(SignIn.person_id == alice.id)).all()
    assert db.session.scalars(select(PersonChange)).all() == db.session.scalars(select(Notification)).all() == []
    assert date.fromisoformat(BORN)
