"""The keys of encrypted backups, in the age format: recipients, which are public, and identities, which open.

An installation has recipients alone. Whoever steals a backup and all of its settings still cannot read it.
"""

from collections.abc import Sequence
from datetime import datetime

from pyrage import IdentityError, RecipientError
from pyrage.x25519 import Identity, Recipient

PRIVATE = "AGE-SECRET-KEY-"
HINT = "`flask ops backup-key FILE` makes a pair and prints the public part"


def recipients_of(texts: Sequence[str]) -> tuple[Recipient, ...]:
    """The recipients that these texts name, each once. Raises ValueError with what is wrong, and never with the text
    of a private key."""
    return tuple(_recipient(text) for text in dict.fromkeys(texts))


def recipient_problem(text: str) -> str | None:
    """What is wrong with the text of a recipient, as the rest of a sentence about its place; None if nothing is."""
    if text.upper().startswith(PRIVATE):
        return f"holds a private key, by which whoever sees it reads every backup: take it away and name {_PUBLIC}"
    try:
        Recipient.from_str(text)
    except RecipientError:
        return f"holds {text[:80]!r}, which is no recipient (age1…) or has a wrong letter; {HINT}"
    return None


_PUBLIC = "the public part (age1…), which stands in the file of the key"


def _recipient(text: str) -> Recipient:
    if problem := recipient_problem(text):
        raise ValueError(problem)
    return Recipient.from_str(text)


def identities_in(text: str) -> tuple[Identity, ...]:
    """The identities in the text of a file, a line each; blank lines and lines that begin with # are left out.

    Raises ValueError with what is wrong, as the rest of a sentence about the file, never with what it holds.
    """
    lines = [line.strip() for line in text.splitlines()]
    keys = [line for line in lines if line and not line.startswith("#")]
    if not keys:
        raise ValueError(f"holds no private key, which is a line that begins with {PRIVATE}")
    return tuple(map(_identity, keys))


def _identity(line: str) -> Identity:
    if line.startswith("age1"):
        raise ValueError(f"holds a public part (age1…), and what opens a backup is the private one ({PRIVATE}…)")
    if line.startswith(("age-encryption.org/", "-----BEGIN AGE")):
        raise ValueError("is encrypted itself: open it first (`age -d FILE`), as in: age -d FILE | … --identity -")
    try:
        return Identity.from_str(line)
    except IdentityError:
        raise ValueError(f"holds a line that is no private key ({PRIVATE}…) or was cut off") from None


def make_pair(now: datetime) -> tuple[str, str]:
    """A new pair, made at `now` (UTC): the public part, and the text of the file that holds the private one.

    The program `age` reads that file too.
    """
    identity = Identity.generate()
    public = str(identity.to_public())
    return public, f"# created: {now:%Y-%m-%dT%H:%M:%SZ}\n# public key: {public}\n{identity}\n"
