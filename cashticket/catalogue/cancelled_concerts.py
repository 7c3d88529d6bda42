"""Which concerts are cancelled, and why."""

from collections.abc import Collection

from cashticket.extensions import db
from cashticket.models.operator_acts import cancellations, concert_subject


def whys(concert_ids: Collection[int]) -> dict[int, str]:
    """Why each of these concerts that is cancelled is so, by its id. One statement, none for no concert."""
    if not concert_ids:
        return {}
    by_subject = {concert_subject(each): each for each in concert_ids}
    return {by_subject[act.subject]: act.why for act in db.session.scalars(cancellations(concert_ids))}
