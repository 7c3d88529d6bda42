"""Judges the mails of a run: each one owed left at least once, under one Message-ID, and none tells a falsehood."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from email.message import EmailMessage

from flask import Flask

from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.models import Award, Notification, OutboxMessage, Person
from cashticket.models.outbox import OPEN_STATES, MessageState, Priority, Source
from cashticket.models.units import in_one_unit
from cashticket.work.messages import message_id
from lab.checkers.ranks import Replay
from lab.evidence import Ending

SEAT_KINDS = (NoticeKind.WON, NoticeKind.OFFERED)


def _messages(auctions: Sequence[int]) -> list[tuple[OutboxMessage, Notification, str]]:
    """Every message about these auctions, with its notice and the address of its person."""
    rows = db.session.execute(
        db.select(OutboxMessage, Notification, Person.email)
        .join(Notification, Notification.id == OutboxMessage.reference)
        .join(Person, Person.id == Notification.person_id)
        .where(OutboxMessage.source == Source.NOTICE, Notification.auction_id.in_(auctions))
    ).all()
    return [(message, notice, email) for message, notice, email in rows]


def urgent_left(app: Flask, auctions: Sequence[int]) -> bool:
    """Whether every mail with a deadline about these auctions left: wins, offers and displacements.

    Those to everybody who did not win leave when nothing else waits, over minutes.
    """
    with app.app_context():
        waiting = [message for message, _, _ in _messages(auctions) if message.state in OPEN_STATES]
        db.session.remove()
        return all(message.priority > Priority.RANK_OUT for message in waiting)


def drop_rest(app: Flask, auctions: Sequence[int]) -> None:
    """Let what still waits not be sent, so that the next run does not begin under the mails of this one."""
    with app.app_context():
        waiting = [message.id for message, _, _ in _messages(auctions) if message.state == MessageState.WAITING]
        dropped = db.update(OutboxMessage).values(state=MessageState.DROPPED)
        in_one_unit(lambda session: session.execute(dropped.where(OutboxMessage.id.in_(waiting))))


def wrong_mails(app: Flask, endings: list[Ending], letters: Callable[[], Sequence[EmailMessage]]) -> list[str]:
    """What is wrong with the letters that the mail server took, a sentence each."""
    with app.app_context():
        messages = _messages([ending.auction for ending in endings])
        # Asked for afterwards: what is marked as sent by now has arrived.
        sentences = [*_lost(messages, letters()), *_untold(endings, messages), *_false_alerts(endings, messages)]
        db.session.remove()
    return sentences


def _lost(messages: list[tuple[OutboxMessage, Notification, str]], letters: Sequence[EmailMessage]) -> Iterator[str]:
    """Messages that were marked as sent and never arrived, failed, or arrived at somebody else's address."""
    arrived: dict[str, set[str]] = defaultdict(set)
    for letter in letters:
        arrived[str(letter["Message-ID"]).strip("<>").partition("@")[0]].add(str(letter["To"]))
    for message, notice, email in messages:
        name = f"mail {notice.kind} about auction {notice.auction_id} to person {notice.person_id}"
        if message.state == MessageState.FAILED:
            yield f"{name} was given up: {message.last_error}"
        addresses = arrived[message_id(message)]
        if message.state == MessageState.SENT and not addresses:
            yield f"{name} was marked as sent and never arrived"
        if any(email not in address for address in addresses):
            yield f"{name} arrived at somebody else's address"


def _untold(endings: list[Ending], messages: list[tuple[OutboxMessage, Notification, str]]) -> Iterator[str]:
    """Holders of awards to whom no mail about it was sent."""
    sent = {
        (notice.auction_id, notice.person_id)
        for message, notice, _ in messages
        if notice.kind in SEAT_KINDS and message.state == MessageState.SENT
    }
    for ending in endings:
        for row in ending.award_rows:
            award = db.session.get_one(Award, row.id)
            if (ending.auction, row.person) not in sent and award.state == "offered":
                yield f"auction {ending.auction}: {row.person} was offered a seat and never mailed"


def _false_alerts(endings: list[Ending], messages: list[tuple[OutboxMessage, Notification, str]]) -> Iterator[str]:
    """I13 in the mail: whoever was told of being pushed out was pushed out by that bid, and had chances left."""
    due = {
        (ending.auction, effect.displaced, row.sequence)
        for ending in endings
        for row, effect in Replay(ending).steps()
        if effect.alert
    }
    for message, notice, _ in messages:
        fact = (notice.auction_id, notice.person_id, notice.occasion)
        if notice.kind == NoticeKind.RANK_OUT and message.state == MessageState.SENT and fact not in due:
            yield f"I13 auction {fact[0]}: {fact[1]} was mailed about bid {fact[2]}, which pushed out somebody else"
