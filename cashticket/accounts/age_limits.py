"""Who may not bid because of a concert's age limit, and how that is told.

What counts are the whole years that a person will have lived on the concert's day in Korea, as at the entrance. Nobody
is asked for a date of birth but for this: without one, bidding in an age-limited auction waits until it is given.
"""

from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from cashticket.accounts import fields
from cashticket.auction.values import UNFINISHED_STATES, Permission, Reason
from cashticket.blueprints.wording.formats import date_with_weekday
from cashticket.extensions import db
from cashticket.locale import SEOUL
from cashticket.models import Auction, Concert, Person


def permission(person: Person, concert: Concert) -> Permission:
    """The right to bid for seats of `concert`: the account's own, unless the age limit takes it away.
    Unverified without a date of birth, blocked for who is too young on the day."""
    own = person.permission
    if own is not Permission.OK or not concert.age_limit:
        return own
    if person.birth_date is None:
        return Permission.UNVERIFIED
    return Permission.OK if _old_enough(person.birth_date, concert) else Permission.BLOCKED


def exceptions(person: Person) -> dict[int, Permission]:
    """The unfinished auctions in which `person` has another right to bid than the account's own."""
    limited = (
        select(Auction.id, Concert)
        .join(Auction.concert)
        .where(Auction.state.in_(UNFINISHED_STATES), Concert.age_limit > 0)
    )
    rights = {auction_id: permission(person, concert) for auction_id, concert in db.session.execute(limited)}
    return {auction_id: right for auction_id, right in rights.items() if right is not person.permission}


def refusal(reason: Reason, person: Person, concert: Concert) -> str | None:
    """What is said for `reason` when the age limit is behind it, with what to do; None when something else is."""
    if reason not in (Reason.BLOCKED, Reason.NOT_VERIFIED) or permission(person, concert) is person.permission:
        return None
    if person.birth_date is None:
        return str(
            _(
                "This concert is for people of %(age)s and over. Enter your date of birth in your profile; then bid.",
                age=concert.age_limit,
            )
        )
    return str(
        _(
            "This concert is for people who are %(age)s or older on %(day)s. By the date of birth in your profile you "
            "will be younger, so you cannot bid in this auction. If the date is wrong, correct it in your profile.",
            age=concert.age_limit,
            day=date_with_weekday(concert.starts_at),
        )
    )


def _old_enough(born: date, concert: Concert) -> bool:
    assert concert.age_limit is not None, "asked of limited concerts alone"
    return fields.age(born, concert.starts_at.astimezone(SEOUL).date()) >= concert.age_limit
