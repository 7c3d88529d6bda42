"""Hours in which a person wants to be left alone, by the clock of Seoul, and which topics can be turned off at all."""

from datetime import UTC, datetime, timedelta

import pytest

from cashticket.auction.notice_topics import MAILED_BY_CHOICE, TOPICS, Topic
from cashticket.auction.values import NoticeKind
from cashticket.locale import SEOUL
from cashticket.models import PushSubscription
from cashticket.models.outbox import MAIL_PRIORITIES, PUSH_PRIORITIES, SMS_PRIORITIES, Channel, Priority
from cashticket.models.push_adding import PUSH_TERMS
from cashticket.notify import outbox, push_hosts, push_outbox
from cashticket.notify.preferences import may_mute
from cashticket.notify.silent_hours import clock_time, end_of_silence, minute_of

NIGHT = (23 * 60, 8 * 60)
NOON = (12 * 60, 13 * 60 + 30)


def seoul(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, second, tzinfo=SEOUL).astimezone(UTC)


@pytest.mark.parametrize(
    ("hours", "now", "end"),
    [
        (NIGHT, seoul(1, 22, 59, 59), None),
        (NIGHT, seoul(1, 23), seoul(2, 8)),
        (NIGHT, seoul(1, 23, 59, 59), seoul(2, 8)),
        (NIGHT, seoul(2, 0), seoul(2, 8)),
        (NIGHT, seoul(2, 7, 59, 59), seoul(2, 8)),
        (NIGHT, seoul(2, 8), None),
        (NOON, seoul(1, 11, 59), None),
        (NOON, seoul(1, 12, 0, 1), seoul(1, 13, 30)),
        (NOON, seoul(1, 13, 29, 59), seoul(1, 13, 30)),
        (NOON, seoul(1, 13, 30), None),
        ((0, 0), seoul(1, 0), None),
        ((0, 1439), seoul(1, 23, 58), seoul(1, 23, 59)),
        ((0, 1439), seoul(1, 23, 59), None),
    ],
)
def test_silence_reaches_from_its_first_minute_to_its_last(
    hours: tuple[int, int], now: datetime, end: datetime | None
) -> None:
    assert end_of_silence(*hours, now) == end


def test_silence_always_ends_within_a_day_and_right_after_it_there_is_none() -> None:
    for first in range(0, 1440, 97):
        for until in range(0, 1440, 89):
            now = seoul(1, 5, 17, 31)
            end = end_of_silence(first, until, now)
            if end is not None:
                assert now < end <= now + timedelta(days=1) and end_of_silence(first, until, end) is None


@pytest.mark.parametrize(("text", "minute"), [("00:00", 0), ("08:05", 485), ("23:59", 1439)])
def test_a_time_is_read_as_it_is_written(text: str, minute: int) -> None:
    assert minute_of(text) == minute and clock_time(minute) == text


@pytest.mark.parametrize("text", ["", "8:00", "24:00", "12:60", "12:00:00", "noon", "１２:00", " 12:00"])
def test_what_is_no_time_is_none(text: str) -> None:
    assert minute_of(text) is None


def test_the_mail_about_a_seat_cannot_be_turned_off_and_everything_else_can() -> None:
    assert Topic.SEAT not in MAILED_BY_CHOICE
    of_notices = (Channel.MAIL, Channel.PUSH)
    forced = {(channel, topic) for channel in of_notices for topic in Topic if not may_mute(channel, topic)}
    assert forced == {(Channel.MAIL, Topic.SEAT)}


def test_wins_and_offers_and_what_is_lost_are_about_a_seat() -> None:
    of_seats = {kind for kind, topic in TOPICS.items() if topic is Topic.SEAT}
    rights = {NoticeKind.WON, NoticeKind.OFFERED, NoticeKind.LAPSED}
    assert of_seats == rights | {
        NoticeKind.BOUGHT,
        NoticeKind.CANCELLED,
        NoticeKind.DECLINED,
        NoticeKind.VOIDED,
        NoticeKind.REVOKED,
        NoticeKind.BID_GIVEN_UP,
        NoticeKind.LEFT,
    }
    assert TOPICS[NoticeKind.RANK_OUT] is Topic.RANK_OUT and NoticeKind.NEW_BROWSER not in TOPICS


def test_mails_pushes_and_sms_share_no_priority() -> None:
    assert sorted((*MAIL_PRIORITIES, *PUSH_PRIORITIES, *SMS_PRIORITIES)) == sorted(Priority)
    assert {terms[0] for terms in PUSH_TERMS.values()} == set(PUSH_PRIORITIES)


def test_no_push_waits_longer_than_a_message_may() -> None:
    for tries, wait in enumerate(push_outbox.BACK_OFF, 1):
        assert wait * (1 + outbox.JITTER) <= outbox.longest_wait(tries)


def test_an_endpoint_that_is_taken_can_be_stored() -> None:
    assert PushSubscription.__table__.c.endpoint.type.length == push_hosts.ENDPOINT_LENGTH_MAX
