"""What verifies who somebody is: `begin` sends the browser to a page, `answer` says whom the provider has seen."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from cashticket.models.identity_checks import CheckOutcome

LIFETIME = timedelta(minutes=10)
"""How long somebody may take from the beginning of a verification to its answer."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider has seen. `key` is the same for the same person whenever they come, and for nobody else."""

    name: str
    birth_date: date
    key: str


@dataclass(frozen=True, slots=True)
class Beginning:
    """A verification to begin: the `reference` that we chose, the address `back` to which the browser shall return, and
    the moment (UTC)."""

    reference: str
    back: str
    at: datetime


class NotIdentified(Exception):
    """The provider's answer names nobody; `outcome` says why."""

    def __init__(self, outcome: CheckOutcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome


class ProviderAway(Exception):
    """The provider gave no answer, or not to us; asking again may help. The text names no person."""

    message_is_safe = True


class Provider(Protocol):
    """Verifies people."""

    @property
    def is_remote(self) -> bool:
        """Whether answers are fetched from another machine, so that no page waits for one."""

    def begin(self, beginning: Beginning) -> str:
        """The path on this site where the person goes on to verify themselves."""

    def answer(self, reference: str, returned: str, now: datetime) -> Identity:
        """Whom the provider has seen in the verification `reference`; `returned` is what the browser brought back.

        Raises NotIdentified and ProviderAway.
        """
