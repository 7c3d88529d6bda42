"""Whether the person of a notice has said that notices of its topic shall not leave by a channel."""

from sqlalchemy import ColumnElement, case, exists

from cashticket.auction.notice_topics import MAILED_BY_CHOICE, TOPICS
from cashticket.models.notices import Notification
from cashticket.models.outbox import Channel
from cashticket.models.push import MutedTopic


def is_muted(channel: Channel) -> ColumnElement[bool]:
    """The SQL condition for rows of `notifications`. The mail about a seat is never muted, whatever the tables say."""
    topics = {kind: topic for kind, topic in TOPICS.items() if channel is Channel.PUSH or topic in MAILED_BY_CHOICE}
    topic = case({kind: each.value for kind, each in topics.items()}, value=Notification.kind)
    return exists().where(
        MutedTopic.person_id == Notification.person_id, MutedTopic.channel == channel, MutedTopic.topic == topic
    )
