"""Why a mail was not taken. Whose fault it is decides what becomes of it.

`code` is the answer of the server (such as "550 5.1.1") or the kind of the failure. It never holds the server's text,
which usually quotes the recipient.
"""

import re

ENHANCED = re.compile(r"\d\.\d{1,3}\.\d{1,3}(?!\S)")

OF_ADDRESS = re.compile(r"5\.1\.(?:[0-6]|10)|5\.2\.1")
"""Enhanced codes that are about the recipient's address (RFC 3463 and 7505): there is no such mailbox or domain, or the
mailbox is closed. 5.1.7 and 5.1.8 are about the sender's address."""

OF_ADDRESS_WITHOUT_ENHANCED = frozenset({"550", "551", "553"})


class MailNotTaken(Exception):
    """The base of the three. Its message is the code, and what an operator can do about it if that is known."""

    message_is_safe = True

    def __init__(self, code: str, hint: str = "") -> None:
        super().__init__(f"{code}: {hint}" if hint else code)
        self.code = code


class ServerRefused(MailNotTaken):
    """The server takes no mail from us now, whoever the recipient is. `tried`: it said so when it heard a recipient."""

    def __init__(self, code: str, hint: str = "", *, tried: bool = False) -> None:
        super().__init__(code, hint)
        self.tried = tried


class RecipientRefused(MailNotTaken):
    """The server will never take this mail. `about_address`: nor any other to its address, whatever it says."""

    def __init__(self, code: str, hint: str = "", *, about_address: bool = False) -> None:
        super().__init__(code, hint)
        self.about_address = about_address


class RecipientDeferred(MailNotTaken):
    """The server does not take this mail now, and may take it later."""


def code_of(code: int, answer: bytes) -> str:
    """The code of an answer, with its enhanced code if it has one."""
    enhanced = ENHANCED.match(answer.decode("ascii", "replace"))
    return f"{code} {enhanced.group()}" if enhanced else str(code)


def is_about_address(refusal: str) -> bool:
    """Whether the answer to a recipient, as `code_of` writes it, says that this address takes no mail at all."""
    code, _, enhanced = refusal.partition(" ")
    return bool(OF_ADDRESS.fullmatch(enhanced)) if enhanced else code in OF_ADDRESS_WITHOUT_ENHANCED


def failure_of(error: Exception) -> str:
    """The kind of a failed connection, such as "TimeoutError"."""
    return type(error).__name__
