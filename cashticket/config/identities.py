"""What is wrong with the settings by which people are identified."""

from collections.abc import Iterator, Mapping

from cashticket.config.key_strength import weakness
from cashticket.config.settings import Role
from cashticket.identity import local
from cashticket.identity.portone import account_of
from cashticket.identity.providers import provider

FETCHING = (Role.ALL, Role.MAIL)
"""The roles that fetch answers of a provider elsewhere."""


def identity_problem(text: str) -> str | None:
    """What is wrong with IDENTITY_URL, as the end of a sentence that begins with it."""
    try:
        provider(text, ())
    except ValueError as error:
        return str(error)
    return None


def unsafe_identity(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what production may not have: the pretence, and hashes whose key is missing or could be guessed."""
    url, key = environ.get("IDENTITY_URL") or "", environ.get("IDENTITY_KEY") or ""
    if url == local.URL:
        yield "IDENTITY_URL", "IDENTITY_URL=local: takes everybody's word; give portone://, or leave it out."
    if key and (problem := weakness(key)):
        yield "IDENTITY_KEY", f"IDENTITY_KEY {problem}."
    if not url or (environ.get("ROLE") or Role.ALL.value) not in FETCHING:
        return
    if not key:
        yield "IDENTITY_KEY", "IDENTITY_KEY must be set where IDENTITY_URL is, for roles all and mail."
    if url != local.URL and identity_problem(url) is None and not account_of(url).secret:
        yield "IDENTITY_URL", "IDENTITY_URL has no API secret, which roles all and mail need to fetch answers."
