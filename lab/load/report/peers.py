"""Published figures of comparable systems, each read at its source, beside the knee of this architecture."""

from collections.abc import Sequence
from dataclasses import dataclass

from lab.load.report.blocks import Block, Heading, Items, Paragraph, TableBlock
from lab.load.report.overview import OURS, Comparison

READ_ON = "2026-11-28"
NOT_STATED = "not stated"
HEAD = ("system", "published figure", "what was measured", "hardware", "accepted", "percentiles", "kind", "source")
GITHUB = "https://github.com"


@dataclass(frozen=True, slots=True)
class Peer:
    """What a source says, each part `NOT_STATED` where it does not."""

    system: str
    figure: str
    measured: str
    hardware: str
    accepted: str
    percentiles: str
    kind: str
    source: str


PEERS = (
    Peer(
        "Virtual Waiting Room on AWS",
        "events of 10,000 to 100,000 simulated clients; 250,000 waiting clients that ask at least once a second",
        "the interface of a queue before a shop, by Locust from 40 hosts; no sale, no seats",
        "clients: 40 × c5.4xlarge; service: managed functions, no machine of its own",
        "every client gets its turn; nothing can be refused",
        NOT_STATED,
        "offered load; the limits named are quotas of the cloud",
        "https://docs.aws.amazon.com/solutions/latest/virtual-waiting-room-on-aws/performance-data.html",
    ),
    Peer(
        "alf.io (ticket sales, open source)",
        "106 requests a second after a change, 38 before it",
        "check-in to an event online, 250 clients without pauses (siege)",
        "1 vCPU, 1 GB with nginx, application and PostgreSQL",
        "answers without an error: 100 % after, 97 % before",
        "mean 2.33 s, longest 26 s",
        "throughput of a closed loop at saturation",
        f"{GITHUB}/alfio-event/alf.io/pull/898",
    ),
    Peer(
        "Auction server on raw sockets (Go, Redis)",
        "7,377 requests a second",
        "bids over TCP in a binary form: no HTTP, sessions or forms; over 100 connections",
        "18 logical cores",
        "all requests succeeded; how many bids were accepted is not stated",
        NOT_STATED,
        "peak of a burst; the store as its image ships it, so without a sync before the answer",
        f"{GITHUB}/PrachiJha-404/Auction-System-Using-Raw-Sockets",
    ),
    Peer(
        "Concert reservation with a queue (Spring, k6)",
        "288 a second with the queue in MySQL, 1,370 with Redis and two servers",
        "a concert's queue and reservation interfaces",
        "2 vCPU, 2 GiB",
        NOT_STATED,
        "response time alone: 20 s, then 2 s",
        "throughput at 100 % CPU: near capacity, at waits that few people accept",
        f"{GITHUB}/InHo5389/concert-reservation/blob/main/report/loadtest-report.md",
    ),
    Peer(
        "Ticket booking under contention (NestJS, PostgreSQL, Redis)",
        "127 requests a second from 250 users",
        "look at free seats, try to book one, pause 0.5 to 3 s (k6)",
        "one machine, not described",
        "1,518 of 10,244 bookings in 306 s: 5 a second",
        "p95 1.6 s of all, 379 ms of those that succeeded",
        "offered load: users wait for their answers, and the limit looks at successes alone",
        f"{GITHUB}/noerkholis-me/high-vol-ticketing/blob/main/docs/performance.md",
    ),
    Peer(
        "Ticket site, relational store against Redis (Spring)",
        "5,000 requests a second for 15 s",
        "reading one page, with Vegeta",
        "Docker on a machine that is not described",
        "44.25 % answered by the relational store, 100 % by Redis",
        NOT_STATED,
        "offered load; for Redis the first rate that was tried",
        f"{GITHUB}/JEONSEUNGREE/TicketingSite",
    ),
    Peer(
        "Live auction for fantasy football (Socket.IO)",
        "50 bidders, 4.31 requests a second for 10 minutes",
        "sign in, join a room, ask for the state; none of the listed requests is a bid",
        NOT_STATED,
        "no bids",
        "p95 14 ms of asking for the state",
        "offered load: far below any limit",
        f"{GITHUB}/darrengowling/joeyjones/blob/main/tests/load/reports/50_BIDDER_TEST_SUMMARY.md",
    ),
    Peer(
        "Woowa ticketing, queue (Spring, Locust)",
        "10,000 people; 2,500 virtual users that ask once a second for 5 minutes",
        "the queue alone, with sign-in by token",
        "not stated in the summary that was read",
        NOT_STATED,
        "95 % within 600 ms at 2,500",
        "offered load that was held; the rate at which it chokes is not given",
        "https://hseong.tistory.com/tag/locust?page=1",
    ),
    Peer(
        "pretix (ticket sales, open source)",
        "none: its guide to scaling names parts and their limits, and asks for a call before over 1,000 tickets are "
        "sold in a very short time",
        NOT_STATED,
        NOT_STATED,
        NOT_STATED,
        NOT_STATED,
        "advice",
        "https://docs.pretix.eu/en/latest/admin/scaling.html",
    ),
)

TITLE = "Published figures of others"
WHY = (
    f"Read on {READ_ON} in stored copies of the sources named; a source may say something else by now. These figures "
    "cannot be ranked with each other, or with ours: each counts something else, on another machine. Most are offered "
    "load, not capacity."
)
REASONS = """\
“Handles N users” says how many were sent, not at how many it would choke. A capacity needs a rate that choked, and \
a rule for it written before.
Virtual users that wait for their answer send less when the system slows down, so the longest waits are never asked \
for (closed loop).
A request that was refused, or that found no seat, counts as a request. Only what was accepted and recorded is work.
A mean hides the tail. Without percentiles over all answers, errors included, nobody knows how long people waited.
A store that answers before its disk has the bid is faster, and loses it with the power.
Cores and memory are often not stated, and client and server on one machine compete for them."""
OURS_MISSING = "Nothing of ours is published yet."


def blocks(compared: Sequence[Comparison], title_level: int = 2) -> list[Block]:
    """The table of peers with our own row above all, and why most figures are offered load."""
    rows = [ours] if (ours := _our_row(compared)) else []
    rows += [tuple(getattr(peer, name) for name in Peer.__slots__) for peer in PEERS]
    result: list[Block] = [Heading(TITLE, title_level), Paragraph(WHY), Items(REASONS.splitlines())]
    result += [] if _our_row(compared) else [Paragraph(OURS_MISSING)]
    return [*result, TableBlock(HEAD, rows, "text")]


def _our_row(compared: Sequence[Comparison]) -> tuple[str, ...] | None:
    hot = next((each for each in compared if each.name == "hot" and each.held(OURS)), None)
    if hot is None:
        return None
    return (
        "CashTicket, scenario hot",
        f"{hot.shown(OURS)} bids held ({hot.shown('row-lock')} by a single server with row locks)",
        "bids by people who are signed in, in one auction, over HTTP with form tokens (k6, open loop)",
        "see the report; client and servers on one machine",
        "counted as rows of the ledger",
        "p95 at most 500 ms over all answers",
        "capacity: the highest rate held, by a rule written before",
        "docs/load-report.md",
    )
