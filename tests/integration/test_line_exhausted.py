"""The organiser is told when seats stay free because nobody is left in line: one mail for what happens together."""

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from cashticket.models import Concert, Organiser, OutboxMessage
from cashticket.models.outbox import MessageState
from cashticket.models.units import in_one_unit
from cashticket.notify import outbox
from cashticket.notify.outbox_again import Hindrance
from cashticket.settlement import awards, line_pauses
from cashticket.settlement.exhausted import GATHERED, NAMED_MAX, tell_organiser
from cashticket.settlement.handover import offer_freed
from cashticket.wiring import current_engine
from cashticket.work import resending
from cashticket.work.resending import NotResent, Resent
from tests.staging.mail_server import MailServer
from tests.staging.mails import text_of
from tests.staging.outbox import deliver, messages
from tests.staging.rows import DAY, END, HOUR, add_concert, add_people, change_person
from tests.staging.settlement import add_settled_auction, award_of

pytestmark = pytest.mark.usefixtures("server")

AT = END + HOUR
LATER = AT + GATHERED
OLGA = "olga@example.org"


@pytest.fixture
def people(app: Flask) -> list[int]:
    """Alice, bob, carol and mallory."""
    return add_people(4)


@pytest.fixture
def concert(app: Flask) -> Concert:
    """A concert of olga's."""
    olga = Organiser(name="Olga's Hall", email=OLGA)
    in_one_unit(lambda session: session.add(olga))
    return add_concert(title="봄밤", title_en="Spring Night", organiser_id=olga.id)


@pytest.fixture
def auction(people: list[int], concert: Concert) -> int:
    """Two seats of which alice and bob may buy one each; nobody waits."""
    alice, bob, *_ = people
    return add_settled_auction([(alice, 150_000), (bob, 140_000)], concert=concert)


def give_back(auction: int, person: int, at: datetime = AT) -> None:
    awards.decline(award_of(auction, person).id, person, at)


def told(server: MailServer, at: datetime = LATER) -> list[EmailMessage]:
    """The mails to olga, once everything that is due at `at` has left."""
    deliver(at)
    return [letter for letter in server.letters() if letter["To"] == OLGA]


def waiting() -> list[OutboxMessage]:
    return messages(kind="line_exhausted", state=MessageState.WAITING)


def test_the_organiser_is_told_of_a_seat_that_nobody_waits_for(
    server: MailServer, auction: int, people: list[int]
) -> None:
    give_back(auction, people[0])
    [mail] = told(server)
    assert mail["Subject"] == "[미판매 좌석] 봄밤: 대기자가 없습니다"
    assert "미판매 좌석: VIP-1" in text_of(mail).splitlines() and f"/auctions/{auction}/lineage" in text_of(mail)


def test_seats_given_back_within_minutes_are_one_mail(server: MailServer, auction: int, people: list[int]) -> None:
    give_back(auction, people[0])
    give_back(auction, people[1], LATER - timedelta(seconds=1))
    [mail] = told(server)
    assert "미판매 좌석: VIP-1, VIP-2" in text_of(mail).splitlines()


def test_the_mail_waits_for_what_else_there_is_to_tell(server: MailServer, auction: int, people: list[int]) -> None:
    give_back(auction, people[0])
    assert told(server, LATER - timedelta(seconds=1)) == [] and len(told(server)) == 1


def test_a_seat_that_is_free_later_is_told_again(server: MailServer, auction: int, people: list[int]) -> None:
    give_back(auction, people[0])
    told(server)
    give_back(auction, people[1], LATER + HOUR)
    assert len(told(server, LATER + 2 * HOUR)) == 2


def test_offering_again_what_nobody_wants_tells_nothing_twice(
    server: MailServer, auction: int, people: list[int]
) -> None:
    give_back(auction, people[0])
    told(server)
    assert offer_freed(auction, LATER + HOUR) == []
    assert len(told(server, LATER + 2 * HOUR)) == 1


def test_a_seat_that_somebody_is_offered_is_no_matter_for_the_organiser(
    server: MailServer, concert: Concert, people: list[int]
) -> None:
    bids = [(person, 150_000 - 10_000 * place) for place, person in enumerate(people[:3])]
    auction = add_settled_auction(bids, concert=concert)
    give_back(auction, people[0])
    assert told(server) == []
    give_back(auction, people[2], LATER)
    assert len(told(server, LATER + GATHERED)) == 1


def test_nothing_is_sent_when_somebody_is_back_in_line_by_then(
    server: MailServer, concert: Concert, people: list[int]
) -> None:
    alice, bob, carol, _ = people
    change_person(carol, blocked_at=END)
    auction = add_settled_auction([(alice, 150_000), (bob, 140_000), (carol, 130_000)], concert=concert)
    give_back(auction, alice)
    change_person(carol, blocked_at=None)
    assert len(waiting()) == 1 and told(server) == [] and waiting() == []


def test_while_a_line_is_paused_nothing_is_told_and_afterwards_it_is(
    server: MailServer, auction: int, people: list[int]
) -> None:
    line_pauses.pause(auction, "somebody asked", "olga", AT)
    give_back(auction, people[0])
    assert told(server) == []
    line_pauses.resume(auction, "all is well", "olga", LATER)
    assert len(told(server, LATER + GATHERED)) == 1


def test_a_pause_after_the_seat_was_free_only_puts_the_mail_off(
    server: MailServer, auction: int, people: list[int]
) -> None:
    give_back(auction, people[0])
    line_pauses.pause(auction, "somebody asked", "olga", AT)
    assert told(server) == [] and waiting() == []
    line_pauses.resume(auction, "all is well", "olga", LATER)
    assert len(told(server, LATER + GATHERED)) == 1
    assert offer_freed(auction, LATER + HOUR) == [] and len(told(server, LATER + 2 * HOUR)) == 1


def test_the_mail_does_not_leave_while_another_seat_is_being_freed(
    app: Flask, server: MailServer, auction: int, people: list[int]
) -> None:
    give_back(auction, people[0])
    last = award_of(auction, people[1]).id

    def lease() -> OutboxMessage | None:
        with app.app_context():
            return outbox.lease("a deliverer", LATER)

    def free_another(session: Session) -> "Future[OutboxMessage | None]":
        tell_organiser(session, auction, [last], LATER)
        leased = pool.submit(lease)
        with pytest.raises(TimeoutError):
            leased.result(timeout=0.5)
        return leased

    deliver(AT)
    with ThreadPoolExecutor(1) as pool:
        leased = in_one_unit(free_another).result(timeout=30)
    assert leased is not None and leased.kind == "line_exhausted"


def test_after_the_cancellation_deadline_nobody_could_be_offered_a_seat_anyway(people: list[int]) -> None:
    alice, bob, *_ = people
    auction = add_settled_auction([(alice, 150_000), (bob, 140_000)], concert=add_concert(cancel_until=AT))
    awards.lapse_all_expired(AT)
    assert award_of(auction, alice).state == "lapsed" and waiting() == []


def test_a_concert_without_an_organiser_is_that_of_the_settings(
    server: MailServer, app: Flask, people: list[int]
) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], organiser_email=OLGA)
    alice, bob, *_ = people
    give_back(add_settled_auction([(alice, 150_000), (bob, 140_000)]), alice)
    assert len(told(server)) == 1


def test_without_any_address_the_log_says_so(
    server: MailServer, people: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    alice, bob, *_ = people
    auction = add_settled_auction([(alice, 150_000), (bob, 140_000)])
    give_back(auction, alice)
    with caplog.at_level(logging.WARNING):
        assert told(server) == []
    assert f"auction {auction} has unsold seats, and its organiser has no e-mail address to be told" in caplog.text


def test_many_seats_are_counted_and_the_best_named(server: MailServer, concert: Concert, people: list[int]) -> None:
    everybody = [*people, *add_people(NAMED_MAX)]
    auction = add_settled_auction([(person, 150_000) for person in everybody], concert=concert, seats=len(everybody))
    for person in everybody:
        give_back(auction, person)
    [mail] = told(server)
    assert "VIP-1, VIP-2," in text_of(mail) and f"VIP-{NAMED_MAX} 외 4석" in text_of(mail)


def fail(server: MailServer, at: datetime) -> OutboxMessage:
    """The mail that was due at `at` has failed."""
    deliver(at - GATHERED)
    leased = outbox.lease("a deliverer", at)
    assert leased is not None
    outbox.refused(leased, at, "550")
    return leased


def test_a_mail_that_failed_is_sent_again_while_seats_are_unsold(
    server: MailServer, auction: int, people: list[int]
) -> None:
    give_back(auction, people[0])
    failed = fail(server, LATER)
    resending.resend(current_engine(), failed.id, "the address was mended", "olga", LATER + DAY)
    assert len(told(server, LATER + DAY)) == 1


def test_of_several_that_failed_the_newest_tells_of_all_seats(
    server: MailServer, auction: int, people: list[int]
) -> None:
    give_back(auction, people[0])
    older = fail(server, LATER)
    give_back(auction, people[1], LATER)
    fail(server, LATER + GATHERED)
    with pytest.raises(NotResent, match="a newer one"):
        resending.resend(current_engine(), older.id, "the address was mended", "olga", LATER + HOUR)
    done = resending.resend_failed(current_engine(), None, "it was mended", "olga", LATER + HOUR, lambda _: None)
    assert done == Resent(1, {Hindrance.REPLACED: 1})
    [mail] = told(server, LATER + HOUR)
    assert "VIP-1, VIP-2" in text_of(mail)
