"""The signed address by which whoever got a mail turns that kind of mail off, without signing in.

It names one person and one topic, works for every mail about it, and as long as its signing key is taken: it does not
end by itself, because mails are read late.
"""

from collections.abc import Sequence

from itsdangerous import BadData

from cashticket.auction.notice_topics import Topic
from cashticket.models.outbox import Channel
from cashticket.notify.preferences import may_mute
from cashticket.signing import serializer

PURPOSE = "unsubscribe"
PATH = "/unsubscribe/"


class BadToken(Exception):
    """Nobody signed this token for that purpose, or it is not whole."""


def token_of(person_id: int, topic: Topic, keys: Sequence[str]) -> str:
    """The secret part of the address: letters, digits, `-`, `_` and dots. `keys` are the signing keys, oldest first."""
    text = serializer(keys, PURPOSE).dumps([person_id, topic.value])
    return text if isinstance(text, str) else text.decode()


def read(token: str, keys: Sequence[str]) -> tuple[int, Topic]:
    """Whose mails about which topic a token turns off. Raises BadToken."""
    try:
        person_id, name = serializer(keys, PURPOSE).loads(token)
        topic = Topic(name)
        person_id = int(person_id)
    except (BadData, ValueError, TypeError) as error:
        raise BadToken from error
    if not may_mute(Channel.MAIL, topic):
        raise BadToken
    return person_id, topic
