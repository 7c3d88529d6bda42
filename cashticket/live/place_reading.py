"""Where everybody who watches an auction ranks in one snapshot: from memory, or by a few questions to the engine.

The engine is asked only for people whose place is not known, and for exact ranks outside the snapshot's rows, each at
most every few seconds, with the rows around them. Many people are one round trip. Reading has a budget of time; what is
left, the next update reads.
"""

import time
from collections.abc import Iterable, Sequence

from cashticket.engine.interface import Engine, Place, Snapshot
from cashticket.live.channel import AuctionChannel
from cashticket.live.places import place_in, rows_by_person
from cashticket.live.rank_readings import RankReading, read_ranks

READING_SECONDS_MAX = 0.1
"""How long one update may read places, so that boards never wait for ranks."""

PEOPLE_AT_ONCE = 100
"""People whose places are one round trip. The store decides no bid meanwhile, so they are few."""


class PlaceReading:
    """The places of people in one snapshot. `due_at` are moments at which to read more (monotonic seconds)."""

    def __init__(self, channel: AuctionChannel, engine: Engine, snapshot: Snapshot) -> None:
        self._channel = channel
        self._engine = engine
        self._snapshot = snapshot
        self._rows = rows_by_person(snapshot)
        self.due_at: list[float] = []

    def places(self, people: Iterable[int]) -> dict[int, Place]:
        """The places of these people, the first ones first if time is short. Somebody whose place is not known and
        was not read in time is missing."""
        places: dict[int, Place] = {}
        unknown: list[int] = []
        ranks_due: list[tuple[float, int]] = []
        now = time.monotonic()
        for person in people:
            place = self._channel.place_of(person, self._snapshot, self._rows)
            if place is None:
                unknown.append(person)
                continue
            places[person] = place
            rank_due_at = self._channel.rank_due_at(place)
            if rank_due_at is not None and rank_due_at <= now:
                ranks_due.append((rank_due_at, person))
            elif rank_due_at is not None:
                self.due_at.append(rank_due_at)
        places |= self._read(unknown + [person for _, person in sorted(ranks_due)])
        if any(person not in places for person in unknown):
            self.due_at.append(time.monotonic())
        return places

    def reading_of(self, place: Place) -> RankReading | None:
        """The last rank that was read of this person, if it may be shown beside `place`; None while the snapshot has
        their row."""
        reading = self._channel.person_states[place.person].reading
        if reading is None or place.person in self._rows:
            return None
        return reading if reading.agrees_with(place, self._snapshot.terms.seats) else None

    def _read(self, people: Sequence[int]) -> dict[int, Place]:
        """The engine's answers as this snapshot has them, without people who have bid since."""
        places: dict[int, Place] = {}
        deadline = time.monotonic() + READING_SECONDS_MAX
        for start in range(0, len(people), PEOPLE_AT_ONCE):
            if start and time.monotonic() >= deadline:
                self.due_at.append(time.monotonic())
                break
            answers = self._engine.places(self._channel.auction_id, people[start : start + PEOPLE_AT_ONCE])
            now = time.monotonic()
            agreed = {}
            for person, answer in answers.items():
                self._channel.remember_place(answer, self._snapshot, now)
                if (place := place_in(self._snapshot, answer, self._rows)) is not None:
                    agreed[person] = place
            apart = [place for person, place in agreed.items() if person not in self._rows]
            for person, reading in read_ranks(self._engine, self._snapshot, apart, deadline).items():
                self._channel.person_states[person].reading = reading
            places |= agreed
        return places
