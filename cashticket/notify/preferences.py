"""What a person does not want: topics by push or mail, and pushes in the silent hours. Unasked, everything leaves."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from cashticket.auction.notice_topics import MAILED_BY_CHOICE, Topic
from cashticket.extensions import db
from cashticket.models import MutedTopic, Person, SilentHours
from cashticket.models.outbox import Channel
from cashticket.models.units import in_one_unit


@dataclass(frozen=True, slots=True)
class Preferences:
    """`muted` has what does not leave. `silent` is from which minute of the day in Seoul to which nothing is pushed."""

    muted: frozenset[tuple[Channel, Topic]] = frozenset()
    silent: tuple[int, int] | None = None


def preferences_of(person_id: int) -> Preferences:
    """The preferences of a person, in two statements."""
    muted = db.session.execute(select(MutedTopic.channel, MutedTopic.topic).where(MutedTopic.person_id == person_id))
    hours = db.session.get(SilentHours, person_id)
    silent = (hours.from_minute, hours.until_minute) if hours else None
    return Preferences(frozenset((channel, topic) for channel, topic in muted), silent)


def silent_hours_of(people: Collection[int]) -> dict[int, tuple[int, int]]:
    """The silent hours of those of these people who have some, in one statement."""
    rows = select(SilentHours).where(SilentHours.person_id.in_(sorted(set(people))))
    return {each.person_id: (each.from_minute, each.until_minute) for each in db.session.scalars(rows)}


def save(person_id: int, preferences: Preferences) -> None:
    """Replace the preferences of a person. A muted mail about a seat is left out: it always leaves."""
    muted = [each for each in sorted(preferences.muted) if may_mute(*each)]

    def work(session: Session) -> None:
        # The account is locked first, so that two forms wait for each other.
        session.get_one(Person, person_id, with_for_update=True)
        session.execute(delete(MutedTopic).where(MutedTopic.person_id == person_id))
        session.execute(delete(SilentHours).where(SilentHours.person_id == person_id))
        if muted:
            rows = [{"person_id": person_id, "channel": channel, "topic": topic} for channel, topic in muted]
            session.execute(insert(MutedTopic), rows)
        if preferences.silent:
            first, until = preferences.silent
            session.add(SilentHours(person_id=person_id, from_minute=first, until_minute=until))

    in_one_unit(work)


def mute_mail(person_id: int, topic: Topic) -> None:
    """Turn the mails about a topic off for a person, who stays without them if they were off. An account that does not
    exist or was closed gets no mails anyhow."""

    def work(session: Session) -> None:
        person = session.get(Person, person_id, with_for_update=True)
        of = {"person_id": person_id, "channel": Channel.MAIL, "topic": topic}
        if person is None or person.closed_at or session.scalar(select(MutedTopic.id).filter_by(**of)):
            return
        session.add(MutedTopic(**of))

    in_one_unit(work)


def may_mute(channel: Channel, topic: Topic) -> bool:
    """Whether people may turn a topic off for a channel."""
    return channel is Channel.PUSH or topic in MAILED_BY_CHOICE
