"""Every notice of settlement and hand-over has the facts that its mail needs, in both languages."""

import pytest
from flask import Flask
from sqlalchemy import select

from cashticket.extensions import db
from cashticket.models import Auction, Notification, Person
from cashticket.notify.notices import write
from cashticket.settlement import awards
from tests.staging.every_mail import KEYS
from tests.staging.rows import DAY, END, HOUR, add_concert, add_people, change_person
from tests.staging.settlement import add_ended_auction, award_of, settled, tell_everybody


@pytest.fixture
def notices(app: Flask) -> list[Notification]:
    """Two auctions of a concert: mallory is blocked, alice holds a ticket from the first, bob lets his lapse, carol
    is offered it, person-4 stays in line and is next by now."""
    alice, bob, carol, mallory, last = add_people(5)
    change_person(mallory, blocked_at=END)
    concert = add_concert()
    first = add_ended_auction([(alice, 120_000)], concert=concert, seats=1)
    bids = [(alice, 150_000), (mallory, 140_000), (bob, 130_000), (carol, 120_000), (last, 110_000)]
    second = add_ended_auction(bids, concert=concert, seats=1, ends_at=END + HOUR)
    settled(first, [(alice, 120_000)])
    awards.buy(award_of(first, alice).id, alice, END + HOUR)
    settled(second, bids, END + HOUR)
    tell_everybody(second, END + HOUR)
    awards.lapse_all_expired(END + 2 * DAY)
    return list(db.session.scalars(select(Notification).order_by(Notification.id)))


def test_every_kind_is_written(notices: list[Notification]) -> None:
    kinds = [(notice.kind, notice.facts.get("why")) for notice in notices]
    assert sorted(kinds, key=str) == sorted(
        [
            ("won", None),
            ("won", None),
            ("not_won", None),
            ("not_won", None),
            ("bought", None),
            ("passed_over", "holds_ticket"),
            ("passed_over", "account"),
            ("lapsed", None),
            ("offered", None),
            ("moved_up", "next"),
        ],
        key=str,
    )


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_notice_makes_a_mail(notices: list[Notification], language: str) -> None:
    for notice in notices:
        person, auction = db.session.get_one(Person, notice.person_id), db.session.get_one(Auction, notice.auction_id)
        person.locale = language
        letter = write(notice, person, auction, "https://tickets.example", KEYS)
        subject, body = letter.subject, letter.body
        assert subject and "\n" not in subject and auction.concert.title in subject + body
        assert "{" not in subject + body and "None" not in body, body
        if notice.kind in ("won", "offered"):
            assert "VIP-1" in body and f"{notice.facts['price']:,}" in body
        if notice.kind == "not_won":
            assert str(notice.facts["position"]) in body


WORDS = {
    "ko": "구역: A구역\n열과 번호: 1열 1번\n시야: 무대 {{정면}}\n혜택: 굿즈\n정가: 150,000원\n",
    "en": "Zone: A구역\nRow and number: row 1, number 1\nView: 무대 {{정면}}\nBenefits: 굿즈\nFace price: ₩150,000\n",
}


@pytest.mark.parametrize("language", ["ko", "en"])
def test_mails_about_a_seat_to_buy_or_bought_say_what_was_announced_of_it(
    notices: list[Notification], language: str
) -> None:
    def bodies(**facts: object) -> list[str]:
        written = []
        for notice in notices:
            person, auction = (
                db.session.get_one(Person, notice.person_id),
                db.session.get_one(Auction, notice.auction_id),
            )
            person.locale = language
            for name, value in facts.items():
                setattr(auction, name, value)
            written.append(write(notice, person, auction, "https://tickets.example", KEYS).body)
        return written

    before = bodies()
    after = bodies(zone="A구역", view="무대 {{정면}}", benefits="굿즈", face_price=150_000, rows="1")
    about_a_seat = [notice.kind in ("won", "offered", "bought") for notice in notices]
    assert [WORDS[language] in body for body in after] == about_a_seat
    assert [body.replace(WORDS[language], "") for body in after] == before
    assert not [body for body in before + after if "\n\n\n" in body]


def test_a_notice_of_an_older_release_says_no_row(notices: list[Notification]) -> None:
    [first, *_] = notices
    person, auction = db.session.get_one(Person, first.person_id), db.session.get_one(Auction, first.auction_id)
    auction.rows = "1"
    assert "1열 1번" in write(first, person, auction, "https://tickets.example", KEYS).body
    first.facts = {name: value for name, value in first.facts.items() if name != "seat_number"}
    assert "열과 번호" not in write(first, person, auction, "https://tickets.example", KEYS).body
