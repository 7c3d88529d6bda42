"""Organisers: who sells the seats of a concert, with the facts that a shop has to name. A concert has one."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from cashticket.catalogue.concerts import NotPublishable
from cashticket.extensions import db
from cashticket.models import Concert, Organiser
from cashticket.models.organisers import TEXT_MAX
from cashticket.models.units import in_one_unit
from cashticket.typed.text import can_be_shown, one_line


@dataclass(frozen=True, slots=True)
class OrganiserFacts:
    """Who sells, as pages name it. An empty text is not filled in."""

    name: str = ""
    representative: str = ""
    registration_number: str = ""
    mail_order_number: str = ""
    address: str = ""
    email: str = ""
    phone: str = ""
    hours: str = ""


def save(facts: OrganiserFacts) -> Organiser:
    """Store an organiser, or fill in what is given of the one that has this name. Raises NotPublishable naming what is
    wrong."""
    texts = {name: _checked(name, text) for name, text in asdict(facts).items()}
    if not texts["name"]:
        raise NotPublishable("The name of the organiser must not be empty.")

    def work(session: Session) -> Organiser:
        row = session.scalar(select(Organiser).where(Organiser.name == texts["name"]).with_for_update())
        if row is None:
            row = Organiser(**texts)
            session.add(row)
        for name, text in texts.items():
            if text:
                setattr(row, name, text)
        session.flush()
        return row

    return in_one_unit(work)


def all_organisers() -> Sequence[Organiser]:
    """Every organiser, the first one first."""
    return db.session.scalars(select(Organiser).order_by(Organiser.id)).all()


def find(reference: str, session: Session | None = None) -> Organiser:
    """The organiser with this name, or with this number if none is called so. Raises NotPublishable."""
    wanted = one_line(reference)
    scalar = (session or db.session).scalar
    row = scalar(select(Organiser).where(Organiser.name == wanted))
    if row is None and wanted.isascii() and wanted.isdigit() and len(wanted) < 19:
        row = scalar(select(Organiser).where(Organiser.id == int(wanted)))
    if row is None:
        raise NotPublishable(f"There is no organiser {wanted[:40]!r}; `flask organiser list` shows them.")
    return row


def of_concert(concert_id: int) -> OrganiserFacts | None:
    """The organiser of a concert; None for one that leaves it to the settings."""
    rows = select(Organiser).join(Concert, Concert.organiser_id == Organiser.id).where(Concert.id == concert_id)
    row = db.session.scalar(rows)
    return None if row is None else OrganiserFacts(**{name: getattr(row, name) for name in OrganiserFacts.__slots__})


def name_of(organiser_id: int | None) -> str | None:
    """The name of an organiser; None for None."""
    return db.session.scalar(select(Organiser.name).where(Organiser.id == organiser_id)) if organiser_id else None


def to_text(facts: OrganiserFacts | None) -> str:
    """The facts as JSON, for the cache."""
    return json.dumps(asdict(facts) if facts else None, ensure_ascii=False)


def from_text(text: str) -> OrganiserFacts | None:
    plain = json.loads(text)
    return OrganiserFacts(**plain) if plain else None


def _checked(name: str, text: str) -> str:
    cleaned = one_line(text)
    if len(cleaned) > TEXT_MAX[name] or not can_be_shown(cleaned):
        words = name.replace("_", " ")
        raise NotPublishable(f"The {words} must have at most {TEXT_MAX[name]} characters, and no control characters.")
    return cleaned
