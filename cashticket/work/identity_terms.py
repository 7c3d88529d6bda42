"""What auctions may ask of their bidders here: nobody shall publish one in which nobody could bid."""

from collections.abc import Iterable

from cashticket.auction.identity_terms import IdentityTerm
from cashticket.catalogue.concerts import NotPublishable
from cashticket.catalogue.import_files.table import FaultyRows
from cashticket.catalogue.import_rows import ImportRow
from cashticket.wiring import current_settings

UNPROVABLE = {
    IdentityTerm.PHONE: "phone: nobody can prove a phone here, because SMS_URL is not set",
    IdentityTerm.IDENTITY: "identity: nobody can be identified here, because IDENTITY_URL is not set",
}
"""What an auction may ask → why nobody could bid in it, where that is so."""


def usual() -> IdentityTerm:
    """What an auction asks for that does not say: a proven phone, where phones can be proven."""
    return IdentityTerm.PHONE if current_settings().sms_url else IdentityTerm.NONE


def check(term: IdentityTerm) -> None:
    """Raises NotPublishable for what nobody could prove."""
    if term not in _provable():
        raise NotPublishable(f"identity {UNPROVABLE[term]}.")


def check_rows(rows: Iterable[ImportRow], name: str) -> None:
    """Like `check`, for the rows of a file called `name`. Raises FaultyRows."""
    provable = _provable()
    asking = [(row, row.terms.fields["identity"]) for row in rows if row.terms and "identity" in row.terms.fields]
    faults = [f"{row.where}: identity: {UNPROVABLE[term]}" for row, term in asking if term not in provable]
    if faults:
        raise FaultyRows(name, faults)


def _provable() -> set[IdentityTerm]:
    """What people can prove here."""
    settings = current_settings()
    means = {IdentityTerm.PHONE: settings.sms_url, IdentityTerm.IDENTITY: settings.identity_url}
    return {IdentityTerm.NONE} | {term for term, url in means.items() if url}
