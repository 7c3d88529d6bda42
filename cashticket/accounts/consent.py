"""What people agree to at sign-up: terms of use and privacy policy, each in the version that was shown.

A text that changes in meaning gets a new version. Accounts that an operator adds, or that an earlier release made, have
agreed to none.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cashticket.models import Person, SignUpDraft

TERMS_VERSION = "2026-12-02"
PRIVACY_VERSION = "2026-12-02"


@dataclass(frozen=True, slots=True)
class Consent:
    """To which versions somebody agreed, and when (UTC)."""

    terms_version: str
    privacy_version: str
    consented_at: datetime


def given(now: datetime) -> Consent:
    """The consent to the present texts."""
    return Consent(TERMS_VERSION, PRIVACY_VERSION, now)


def columns(consent: Consent | None) -> dict[str, Any]:
    """The columns that keep a consent, of a sign-up and of an account alike."""
    return {name: getattr(consent, name, None) for name in Consent.__slots__}


def of_row(row: Person | SignUpDraft) -> Consent | None:
    """The consent that a row keeps; None without one."""
    if row.terms_version is None or row.privacy_version is None or row.consented_at is None:
        return None
    return Consent(row.terms_version, row.privacy_version, row.consented_at)
