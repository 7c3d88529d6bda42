"""Concerts and auctions, made by command as an operator makes them."""

from typing import Any

from lab.servers.installation import Installation

CONTRACT_FIELDS = frozenset(
    {"id", "concert_id", "state", "seats", "minimum", "step", "pricing"}
    | {"opens_at", "closes_at", "ends_at", "cutoff", "best", "bidders", "accepted", "recorded"}
)


def add_concert(installation: Installation) -> int:
    """The id of a new concert. Nobody may win two seats of one, so who wins in a test needs a concert of its own."""
    concert = installation.json(
        *("concert", "add", "--title", "한강의 밤", "--artist", "The Lanterns", "--venue", "한강홀"),
        *("--starts", "2031-06-01T19:00:00+09:00"),
    )
    assert isinstance(concert["id"], int)
    return int(concert["id"])


def open_auction(
    installation: Installation, concert: int, *, seats: int, closes: str = "+1h", soft_close: int = 0, cap: int = 0
) -> int:
    """The id of a new auction, open now: from 100,000 won in steps of 10,000."""
    auction = installation.json(
        *("auction", "add", "--concert", str(concert), "--seats", str(seats)),
        *("--minimum", "100000", "--step", "10000", "--opens", "now", "--closes", closes),
        *("--soft-close", str(soft_close), "--soft-close-cap", str(cap)),
    )
    assert isinstance(auction["id"], int) and auction["concert_id"] == concert
    return int(auction["id"])


def shown(installation: Installation, auction_id: int) -> dict[str, Any]:
    """What `auction show` says, with every field that is promised."""
    facts: dict[str, Any] = installation.json("auction", "show", str(auction_id))
    assert facts.keys() >= CONTRACT_FIELDS
    return facts


def is_recorded(installation: Installation, auction_id: int) -> bool:
    """Whether the ledger has every accepted bid."""
    facts = shown(installation, auction_id)
    return bool(facts["recorded"] == facts["accepted"])
