"""What is wrong with the settings of keys that others may know: those of pushes, and the recipients of backups."""

import re
from collections.abc import Iterator, Mapping

from cashticket.backup_keys import recipient_problem
from cashticket.config.reading import listed
from cashticket.notify import push_hosts
from cashticket.notify.vapid_keys import pair_problem

# The forms that push services take and the library that signs takes.
CONTACT = re.compile(r"mailto:[^\s@]+@[A-Za-z0-9.-]+|https://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def malformed_keys(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield name and sentence for each of these settings that is malformed. No sentence has a private key."""
    yield from _malformed_push(environ)
    for text in listed(environ.get("BACKUP_RECIPIENTS") or ""):
        if problem := recipient_problem(text):
            yield "BACKUP_RECIPIENTS", f"BACKUP_RECIPIENTS {problem}."


def _malformed_push(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the settings of pushes."""
    public, private = environ.get("VAPID_PUBLIC_KEY") or "", environ.get("VAPID_PRIVATE_KEY") or ""
    if problem := pair_problem(public, private):
        yield problem.partition(" ")[0], f"{problem}."
    if not CONTACT.fullmatch(environ.get("VAPID_CONTACT") or "mailto:security@tickets.example"):
        yield (
            "VAPID_CONTACT",
            "VAPID_CONTACT is an address such as mailto:push@tickets.example or https://tickets.example.",
        )
    for entry in listed(environ.get("PUSH_HOSTS") or ""):
        if not push_hosts.ENTRY.fullmatch(entry):
            yield "PUSH_HOSTS", f"PUSH_HOSTS: {entry[:80]!r} is no host; write push.example or *.push.example."
