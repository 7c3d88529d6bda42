"""A crowd and its peaks: sign-ins before the opening, bids and sockets in the last minute, results after the end."""

from dataclasses import dataclass, replace

RUSH_MINUTES = 10
"""Before the opening: in these minutes fans look at pages and sign in."""

LAST_SECONDS = 60
RESULT_SECONDS = 60
"""After the result is there: in this time everybody who bid reads the own outcome."""

USUAL_SIGN_INS_A_MINUTE = 0.05
"""Share of the fans who sign in each minute of the rush unless a number is given: half of them in all."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Fans, the auctions they come to, and assumptions about what they do. Shares are between 0 and 1.

    `watching`: share who hold a socket in the last minute. `bidding`: share who bid. `bids_each`: bids of a bidder, at
    most 3. `last_minute`: share of all bids that come in the last minute, which all auctions have at once.
    `sign_ins`: sign-ins a minute before the opening. `page_views`: pages that a fan opens before the opening.
    """

    fans: int
    auctions: int
    seats: int
    sign_ins: float
    watching: float = 0.6
    bidding: float = 0.3
    bids_each: float = 2.0
    last_minute: float = 0.3
    page_views: float = 6.0

    def of(self, fans: int) -> "Crowd":
        """So many fans who do the same."""
        return replace(self, fans=fans, sign_ins=self.sign_ins * fans / self.fans)


@dataclass(frozen=True, slots=True)
class Peaks:
    """The most of each that comes a second, and the most sockets at once. `auction_bids` are those of one auction."""

    bids: float
    auction_bids: float
    sockets: float
    pages: float
    first_visits: float
    sign_ins: float
    outcomes: float


def peaks_of(crowd: Crowd) -> Peaks:
    """What a crowd makes at its most: evenly within each minute, and over the auctions."""
    rush_seconds = RUSH_MINUTES * 60
    bids = crowd.fans * crowd.bidding * crowd.bids_each * crowd.last_minute / LAST_SECONDS
    return Peaks(
        bids=bids,
        auction_bids=bids / crowd.auctions,
        sockets=crowd.fans * crowd.watching,
        pages=crowd.fans * crowd.page_views / rush_seconds,
        first_visits=crowd.fans / rush_seconds,
        sign_ins=crowd.sign_ins / 60,
        outcomes=crowd.fans * crowd.bidding / RESULT_SECONDS,
    )
