"""What a concert's seats go through, told once more for the state machine: who wins, who gives up, who comes next.

Searches where the product sorts. A ticket is somebody's right to a seat, known by its place in the list of tickets.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lab.evidence import Row
from tests.storm.stateful.model import Happening, Sale, Stops, newest

HOUR = 3_600_000
LIVE = ("offered", "bought")
MOVES = {"buy": ("offered", "bought"), "decline": ("offered", "declined"), "cancel": ("bought", "cancelled")}


@dataclass
class Ticket:
    """`rank` and `price` as told when it was offered; `previous` is the ticket whose seat it took over."""

    sale: int
    seat: int
    person: int
    rank: int
    price: int
    offered: int
    expires: int
    previous: int | None = None
    state: str = "offered"


@dataclass
class Hall:
    """One concert: its sales, the tickets, the story of each sale as (ticket, state), who was told what of a sale."""

    deadline: int
    sales: list[Sale] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)
    story: dict[int, list[tuple[int, str]]] = field(default_factory=dict)
    told: list[tuple[int, int, str]] = field(default_factory=list)
    blocked: set[int] = field(default_factory=set)

    def sale(self, sale_id: int) -> Sale:
        return next(sale for sale in self.sales if sale.id == sale_id)

    def draining(self) -> Iterator[Happening]:
        """One round of the drain: whatever waits of the auctions in service, but for those with a gap."""
        stopped: set[int] = set()
        while True:
            served = [sale for sale in self.sales if sale.known and sale.state != "settled" and sale.waiting]
            served = [sale for sale in served if sale.id not in stopped]
            if not served:
                return
            for sale in served:
                try:
                    yield from sale.recording(500)
                except Stops:
                    stopped.add(sale.id)

    # Closing time

    def closing(self, own: Sale, now: int) -> Iterator[Happening]:
        """The job that settles `own`, and before it what ended earlier."""
        if own.ledger_state == "settled":
            yield "finish", lambda: self.finish(own)
            return
        over: list[Sale] = []
        for sale in sorted(self.unfinished(), key=lambda each: (each.ledger_ends, each.id)):
            try:
                yield from self.ending(sale, now, over)
            except Stops:
                if sale is own:
                    raise
        if own not in over:
            return
        for sale in sorted(over, key=lambda each: (each.ends, each.id)):
            yield "order", lambda: None
            if not self.is_ready(sale):
                return
            yield "settle", lambda sale=sale: self.settle(sale, now)  # type: ignore[misc]
            yield "finish", lambda sale=sale: self.finish(sale)  # type: ignore[misc]
            if sale is own:
                return

    def ending(self, sale: Sale, now: int, over: list[Sale]) -> Iterator[Happening]:
        """Bidding in it ends if its time has come, and what was bid is recorded."""
        yield "close", lambda: self.close(sale, now)
        if not sale.known:
            raise Stops("unknown")
        if sale.state == "open":
            return
        yield from sale.recording_all()
        if sale.mark == sale.sequence:
            yield "end", lambda: self.end(sale)
        over.append(sale)

    def unfinished(self) -> list[Sale]:
        return [sale for sale in self.sales if sale.ledger_state != "settled"]

    def close(self, sale: Sale, now: int) -> bool:
        if sale.known and not sale.paused and sale.state == "open" and sale.is_over(now):
            sale.state, sale.last = "closing", max(sale.last, now)
        return sale.known

    def end(self, sale: Sale) -> None:
        sale.ledger_state, sale.ledger_ends = "closing", sale.ends

    def finish(self, sale: Sale) -> None:
        if not sale.known:
            raise Stops("unknown")
        sale.state = "settled"

    def is_ready(self, sale: Sale) -> bool:
        mine = (sale.ledger_ends, sale.id)
        earlier = [each for each in self.unfinished() if (each.ledger_ends, each.id) < mine]
        return not earlier and sale.mark == sale.sequence and newest(sale.recorded) == newest(sale.bids)

    def settle(self, sale: Sale, now: int) -> None:
        self.pass_time(now)
        sale.ledger_state = "settled"
        order = newest(sale.recorded)
        out = {row.person for row in order if self.is_barred(row.person)}
        winners = [row for row in order if row.person not in out][: sale.seats]
        lowest = min(row.amount for row in winners) if len(winners) == sale.seats else sale.minimum
        for seat, row in enumerate(winners, 1):
            price = lowest if sale.uniform else row.amount
            expires = min(now + 24 * HOUR, self.deadline)
            self.issue(Ticket(sale.id, seat, row.person, 1 + order.index(row), price, now, expires), "won")
        for row in order:
            if row not in winners:
                self.told.append((sale.id, row.person, "passed_over" if row.person in out else "not_won"))

    # Tickets

    def is_barred(self, person: int) -> bool:
        return person in self.blocked or any(each.person == person and each.state in LIVE for each in self.tickets)

    def issue(self, ticket: Ticket, kind: str) -> None:
        self.tickets.append(ticket)
        self.tell(len(self.tickets) - 1)
        self.told.append((ticket.sale, ticket.person, kind))

    def tell(self, number: int) -> None:
        ticket = self.tickets[number]
        self.story.setdefault(ticket.sale, []).append((number, ticket.state))

    def change(self, number: int, state: str) -> None:
        self.tickets[number].state = state
        self.tell(number)

    def moving(self, number: int, person: int, move: str, now: int) -> Iterator[Happening]:
        """Somebody asks for a move of a ticket; Stops with the reason why not."""
        ticket, (old, new) = self.tickets[number], MOVES[move]
        if person != ticket.person:
            raise Stops("not found")
        if ticket.state == new:
            return
        reasons = (
            ("not_bought" if ticket.state == "offered" else ticket.state, ticket.state != old),
            ("expired", old == "offered" and now >= ticket.expires),
            ("blocked", move == "buy" and person in self.blocked),
            ("too_late", move == "cancel" and now >= self.deadline),
        )
        for reason, forbidden in reasons:
            if forbidden:
                raise Stops(reason)
        yield "move", lambda: self.move(number, new, now)

    def move(self, number: int, new: str, now: int) -> None:
        self.change(number, new)
        if new != "bought":
            self.pass_time(now)
            self.offer(self.sale(self.tickets[number].sale), now)

    def lapsing(self, own: Sale, now: int) -> Iterator[Happening]:
        """The job of the hand-over."""
        lapsed = {each.sale for each in self.tickets if self.is_due(each, now)}
        if lapsed:
            yield "move", lambda: self.pass_time(now)
        for sale in self.sales:
            if sale.id in lapsed or sale is own:
                yield "hand over", self.handing_over(sale, now)

    def handing_over(self, sale: Sale, now: int) -> Callable[[], None]:
        def happen() -> None:
            self.pass_time(now)
            self.offer(sale, now)

        return happen

    def is_due(self, ticket: Ticket, now: int) -> bool:
        return ticket.state == "offered" and ticket.expires <= now

    def pass_time(self, now: int) -> None:
        due = [number for number, each in enumerate(self.tickets) if self.is_due(each, now)]
        for number in sorted(due, key=lambda each: (self.tickets[each].sale, self.tickets[each].seat)):
            self.change(number, "lapsed")
            self.told.append((self.tickets[number].sale, self.tickets[number].person, "lapsed"))
        for sale in self.sales:
            if sale.id in {self.tickets[number].sale for number in due}:
                self.offer(sale, now)

    def offer(self, sale: Sale, now: int) -> None:
        """Every seat that was somebody's and is nobody's goes to the best who never had one here and may have one."""
        order = newest(sale.recorded)
        for seat in range(1, sale.seats + 1):
            past = [number for number, each in enumerate(self.tickets) if (each.sale, each.seat) == (sale.id, seat)]
            if not past or self.tickets[past[-1]].state in LIVE or now >= self.deadline:
                continue
            for row in self.line(sale, order)[:1]:
                ranked, expires = 1 + order.index(row), min(now + 12 * HOUR, self.deadline)
                self.issue(Ticket(sale.id, seat, row.person, ranked, row.amount, now, expires, past[-1]), "offered")

    def line(self, sale: Sale, order: list[Row]) -> list[Row]:
        """Who waits for a seat of a settled sale, next first."""
        had = {each.person for each in self.tickets if each.sale == sale.id}
        return [row for row in order if row.person not in had and not self.is_barred(row.person)]
