"""The provider that IDENTITY_URL names.

`local:` is a pretence with a page of its own, for development and tests;
`portone://:API_SECRET@STORE_ID/CHANNEL_KEY` is the identity verification of PortOne, for which only the process that
fetches answers needs the secret.
"""

from collections.abc import Sequence

from cashticket.identity import local, portone
from cashticket.identity.provider import Provider


def provider(url: str, keys: Sequence[str]) -> Provider:
    """The provider of an IDENTITY_URL; `keys` are the signing keys. Raises ValueError for a malformed one, with the end
    of a sentence that begins with IDENTITY_URL and quotes nothing of it."""
    return local.Local(keys) if url == local.URL else portone.PortOne(portone.account_of(url))
