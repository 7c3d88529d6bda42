"""Codes that people type: those of an authenticator app (TOTP, RFC 6238), and recovery codes."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

from cashticket.typed.text import number_text

STEP_SECONDS = 30
DIGITS = 6
DRIFT_STEPS_MAX = 1
"""How many steps the clock of a phone may be ahead or behind."""

SECRET_BYTES = 20

RECOVERY_CODES = 10
# Crockford's base 32: 16 characters hold 80 bits, and none looks like another.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RECOVERY_LENGTH = 16
LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})
GROUP = 4

TYPED_LENGTH_MAX = 100
ISSUER = "CashTicket"


def new_secret() -> bytes:
    """A random secret for one authenticator app."""
    return secrets.token_bytes(SECRET_BYTES)


def app_code(secret: bytes, step: int) -> str:
    """The code of a step, which is a number of 30-second spans since 1970. Apps agree on HMAC with SHA-1."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    place = digest[-1] & 15
    number = int.from_bytes(digest[place : place + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def step_at(now: datetime) -> int:
    """The step of an aware moment."""
    return int(now.timestamp()) // STEP_SECONDS


def matching_step(secret: bytes, code: str, now: datetime) -> int | None:
    """The step of which `code` is the code, at most one away from `now`; None if there is none. Takes constant time."""
    match = None
    for step in range(step_at(now) - DRIFT_STEPS_MAX, step_at(now) + DRIFT_STEPS_MAX + 1):
        if hmac.compare_digest(app_code(secret, step), code):
            match = step
    return match


def typed_app_code(typed: str) -> str:
    """The six digits of a typed code, whatever spaces and dashes are in it; "" if it is none."""
    code = number_text(typed[:TYPED_LENGTH_MAX]).replace(" ", "").replace("-", "")
    return code if len(code) == DIGITS and code.isascii() and code.isdigit() else ""


def grouped(text: str) -> str:
    """`text` in groups of four characters, for reading it off."""
    return " ".join(text[start : start + GROUP] for start in range(0, len(text), GROUP))


def secret_text(secret: bytes) -> str:
    """The secret as apps take it from a keyboard: base 32 without padding."""
    return base64.b32encode(secret).decode().rstrip("=")


def setup_address(secret: bytes, email: str) -> str:
    """The otpauth: address that a QR code carries to an app. The app shows the e-mail address beside the code."""
    label = quote(f"{ISSUER}:{email}", safe="@")
    values = {"secret": secret_text(secret), "issuer": ISSUER, "digits": DIGITS, "period": STEP_SECONDS}
    return f"otpauth://totp/{label}?{urlencode(values)}"


def new_recovery_codes() -> list[str]:
    """Ten random codes such as `7K2M-0QXD-9WTA-4HBE`."""
    codes = ("".join(secrets.choice(ALPHABET) for _ in range(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES))
    return [grouped(code).replace(" ", "-") for code in codes]


def recovery_code_hash(typed: str) -> str | None:
    """The SHA-256 of a typed recovery code, in any case and grouping; None if it cannot be one."""
    code = number_text(typed[:TYPED_LENGTH_MAX]).replace(" ", "").replace("-", "").upper()
    code = code.translate(LOOKALIKES)
    if len(code) != RECOVERY_LENGTH or not set(code) <= set(ALPHABET):
        return None
    return hashlib.sha256(code.encode()).hexdigest()
