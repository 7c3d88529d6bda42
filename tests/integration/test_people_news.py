"""What committed units tell open pages: who has new notices and whose sessions ended, once, and never too early."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
import redis
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cashticket import config, create_app, redis_keys
from cashticket.accounts import sessions
from cashticket.accounts.blocking import block
from cashticket.auction.values import Entry
from cashticket.engine.connection import connect
from cashticket.extensions import db
from cashticket.ledger.given_up_bids import give_up_bids
from cashticket.live import people_news
from cashticket.live.people_news import LineMoved, NoticesStored, SessionsEnded, parse
from cashticket.models import Notification
from cashticket.models.news_of_people import note_notices
from cashticket.models.units import in_one_unit
from cashticket.settlement import awards, telling
from cashticket.settlement.leaving import leave
from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until
from tests.staging.rows import END, HOUR, add_people, add_person
from tests.staging.settlement import add_ended_auction, add_settled_auction, award_of, settled, tell_everybody


class Listener:
    """Hears the channel as a hub does."""

    def __init__(self, client: redis.Redis) -> None:
        self._pubsub = client.pubsub()
        self._pubsub.psubscribe(redis_keys.PEOPLE_NEWS)
        wait_until(lambda: self._pubsub.get_message(timeout=0.1), "the subscription")

    def next(self) -> NoticesStored | SessionsEnded | LineMoved:
        """The next message."""
        message = wait_until(lambda: self._pubsub.get_message(timeout=0.1), "news of people")
        return parse(message["data"])

    def close(self) -> None:
        self._pubsub.close()


@pytest.fixture
def heard(app: Flask, redis_server: RedisServer) -> Iterator[Listener]:
    with connect(redis_server.url) as client, closing(Listener(client)) as listener:
        yield listener


def falling(people: list[int]) -> list[tuple[int, int]]:
    """One bid each, every next person 10,000 won lower."""
    return [(person, 1_000_000 - 10_000 * place) for place, person in enumerate(people)]


def test_winners_hear_of_it_with_the_settlement(heard: Listener) -> None:
    people = add_people(4)
    auction = add_ended_auction(falling(people))
    settled(auction, falling(people))
    assert heard.next() == NoticesStored(tuple(sorted(people[:2])), 40)


def test_a_line_that_moved_is_one_message_however_many_wait(heard: Listener) -> None:
    people = add_people(30)
    auction = add_settled_auction(falling(people))
    heard.next()
    tell_everybody(auction)
    heard.next()
    leave(auction, people[20], END + HOUR)
    assert [heard.next(), heard.next()] == [NoticesStored((people[20],), 20), LineMoved(auction)]
    block(people[10])
    assert [heard.next(), heard.next()] == [SessionsEnded(people[10], 2), LineMoved(auction)]


def test_a_settlement_moves_no_line_of_its_own(heard: Listener) -> None:
    """Its pages fetch their results anyway, spread over the hall."""
    people = add_people(4)
    auction = add_settled_auction(falling(people))
    heard.next()
    awards.decline(award_of(auction, people[0]).id, people[0], END + HOUR)
    told = NoticesStored((people[0], people[2]), 40)
    assert [heard.next(), heard.next()] == [told, LineMoved(auction)]


def test_everybody_else_hears_of_it_batch_by_batch(heard: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "BATCH", 3)
    people = add_people(6)
    auction = add_settled_auction(falling(people))
    heard.next()
    telling.tell_batch(auction, END)
    telling.tell_batch(auction, END)
    assert [heard.next(), heard.next()] == [NoticesStored(tuple(people[2:5]), 60), NoticesStored((people[5],), 20)]


def test_a_hall_is_only_told_to_count_one_more(heard: Listener) -> None:
    people = add_people(60)
    auction = add_settled_auction(falling(people))
    assert heard.next() == NoticesStored(tuple(sorted(people[:2])), 40)
    tell_everybody(auction)
    assert heard.next() == NoticesStored(tuple(sorted(people[2:])), None)


def test_the_next_in_line_hears_of_the_offer(heard: Listener) -> None:
    people = add_people(4)
    auction = add_settled_auction(falling(people))
    heard.next()
    awards.decline(award_of(auction, people[0]).id, people[0], END + HOUR)
    assert heard.next() == NoticesStored((people[0], people[2]), 40), "and whoever declined, of that"


def test_whose_bid_was_given_up_hears_of_it(heard: Listener) -> None:
    people = add_people(1)
    auction = add_ended_auction()
    entry = Entry(1, people[0], 1, 120_000, 1, "lost", 2, 1, 100_000, None, alert=False)
    assert give_up_bids(auction, [entry], "the disk burned") == 1
    assert heard.next() == NoticesStored((people[0],), 20)


def test_the_notice_is_there_when_the_message_comes(heard: Listener) -> None:
    people = add_people(3)
    settled(add_ended_auction(falling(people)), falling(people))
    news = heard.next()
    db.session.rollback()
    stored = select(func.count()).select_from(Notification).where(Notification.person_id.in_(people[:2]))
    assert isinstance(news, NoticesStored) and db.session.scalar(stored) == 2


def test_a_unit_that_is_undone_says_nothing(heard: Listener) -> None:
    person, other = add_people(2)

    def work(session: Session) -> None:
        note_notices(session, [person])
        raise LookupError("changed its mind")

    with pytest.raises(LookupError):
        in_one_unit(work)
    in_one_unit(lambda session: note_notices(session, [other]))
    assert heard.next() == NoticesStored((other,), 20)


def test_ending_a_session_tells_the_new_epoch(heard: Listener) -> None:
    person = add_person("alice")
    principal = sessions.begin(person, "a browser")
    assert sessions.end(principal) is not None
    assert heard.next() == SessionsEnded(person.id, 2)
    sessions.end_all(person.id)
    assert heard.next() == SessionsEnded(person.id, 3)


def test_without_the_queue_store_units_commit_and_wait_for_nothing(
    settings: config.Settings, app: Flask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_news, "AWAY_SECONDS", 600.0)
    people = add_people(4)
    auction = add_ended_auction(falling(people))
    with create_app(replace(settings, queue_redis_url="redis://127.0.0.1:1")).app_context():
        settled(auction, falling(people))
        awards.decline(award_of(auction, people[0]).id, people[0], END + HOUR)
        db.session.remove()
        db.engine.dispose()
    assert caplog.text.count("open pages are not told of news about people") == 1, "asked again too soon"
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Notification)) == 4
