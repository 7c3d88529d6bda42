"""What auctions may ask of their bidders here: nobody shall publish one in which nobody could bid."""

from collections.abc import Iterable

from cashticket.auction.values import IdentityTerm
from cashticket.catalogue.concerts import NotPublishable
from cashticket.catalogue.import_files.table import FaultyRows
from cashticket.catalogue.import_rows import ImportRow
from cashticket.wiring import current_settings

UNPROVABLE = "phone: nobody can prove a phone here, because SMS_URL is not set"


def usual() -> IdentityTerm:
    """What an auction asks for that does not say: a proven phone, where phones can be proven."""
    return IdentityTerm.PHONE if current_settings().sms_url else IdentityTerm.NONE


def check(term: IdentityTerm) -> None:
    """Raises NotPublishable for what nobody could prove."""
    if term is IdentityTerm.PHONE and not current_settings().sms_url:
        raise NotPublishable(f"identity {UNPROVABLE}.")


def check_rows(rows: Iterable[ImportRow], name: str) -> None:
    """Like `check`, for the rows of a file called `name`. Raises FaultyRows."""
    if current_settings().sms_url:
        return
    asking = [row for row in rows if row.terms and row.terms.fields.get("identity") is IdentityTerm.PHONE]
    if asking:
        raise FaultyRows(name, [f"{row.where}: identity: {UNPROVABLE}" for row in asking])
