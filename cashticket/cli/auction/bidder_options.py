"""What `auction add` takes and `auction show` prints of what bidders must have proven."""

import click

from cashticket.auction.identity_terms import IdentityTerm
from cashticket.cli.output import Data, View
from cashticket.models import Auction
from cashticket.work import identity_terms


def identity_option(view: View) -> View:
    """Give a command `--identity`, passed as `identity`; see `chosen`."""
    return click.option(
        "--identity",
        type=click.Choice([str(each) for each in IdentityTerm]),
        help="What bidders must have proven beside their address.  [default: phone where SMS_URL is set, else none]",
    )(view)


def identity_data(auction: Auction) -> Data:
    """What bidders must have proven, for printing."""
    return {"identity": auction.identity}


def chosen(value: str | None) -> IdentityTerm:
    """What an auction asks for by the value of `--identity`; what is usual here without one."""
    return identity_terms.usual() if value is None else IdentityTerm(value)
