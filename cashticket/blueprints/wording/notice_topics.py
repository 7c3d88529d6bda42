"""Topics of notices as people choose them: a name, and what is told under it."""

from dataclasses import dataclass

from flask_babel import gettext as _

from cashticket.auction.notice_topics import Topic


@dataclass(frozen=True, slots=True)
class TopicWords:
    """What the page says of one topic."""

    topic: Topic
    name: str
    hint: str


def all_topics() -> list[TopicWords]:
    """Every topic in the reader's language, in the order of the page."""
    words = {
        Topic.RANK_OUT: (_("I am outbid"), _("A bid of yours is no longer among the winning ones.")),
        Topic.SEAT: (
            _("A seat of mine"),
            _("You won, a seat is offered to you, its time ran out, or the auction was voided."),
        ),
        Topic.RESULT: (_("Auctions I did not win"), _("Your final rank and your place in the line.")),
        Topic.LINE: (
            _("My place in the line"),
            _("I am among the first of the line, or next for a seat."),
        ),
        Topic.FOLLOWED: (
            _("Auctions on my watch list"),
            _("Bidding opens, an hour before the end, and ten minutes before."),
        ),
        Topic.DEADLINE: (
            _("Seats I have not bought yet"),
            _("Half of the time to buy is over, and two hours before it ends."),
        ),
    }
    return [TopicWords(topic, *words[topic]) for topic in Topic]
