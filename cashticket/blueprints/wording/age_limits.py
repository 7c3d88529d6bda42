"""Why an age limit keeps a person from bidding, and what to do about it."""

from flask_babel import gettext as _

from cashticket.accounts.age_limits import is_barred
from cashticket.blueprints.wording.formats import date_with_weekday
from cashticket.models import Concert, Person


def refusal(person: Person, concert: Concert) -> str | None:
    """The sentence when the age limit of `concert` keeps `person` from bidding, else None."""
    if not is_barred(person, concert):
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
