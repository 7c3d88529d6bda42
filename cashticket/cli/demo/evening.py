"""What the demo's data says of a concert, its auction and its seats."""

from dataclasses import dataclass
from datetime import time


@dataclass(frozen=True, slots=True)
class Sale:
    """The auction of an evening: amounts in won, when it opens, and how many hours it runs."""

    seats: int
    minimum: int
    step: int
    opens_in_minutes: int
    hours: int


@dataclass(frozen=True, slots=True)
class SeatFacts:
    """What is announced of the seats of an auction. The face price is in won."""

    zone: str
    view: str
    benefits: str
    face_price: int


@dataclass(frozen=True, slots=True)
class Evening:
    """A concert `days` after the seeding. One with an auction says what its seats are."""

    title: str
    title_en: str
    artist: str
    artist_en: str
    venue: str
    venue_en: str
    genre: str
    city: str
    days: int
    starts: time
    description: str
    age_limit: int | None = None
    auction: Sale | None = None
    seats: SeatFacts | None = None
