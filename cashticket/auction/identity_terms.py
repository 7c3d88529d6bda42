"""What an auction may ask of those who bid in it."""

from enum import StrEnum


class IdentityTerm(StrEnum):
    """What an auction asks of its bidders beyond an account with a confirmed address."""

    NONE = "none"
    PHONE = "phone"
    IDENTITY = "identity"
