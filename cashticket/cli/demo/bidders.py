"""The people of the demo: guests to sign in as, and robots that bid."""

from datetime import date

from cashticket.accounts import people
from cashticket.accounts.vouching import vouch_for_phones

PASSWORD = "cashticket-demo"  # noqa: S105 - printed for everybody who starts a demo on this machine
GUESTS = (("alice@example.com", "김앨리스"), ("bob@example.com", "박보브"))
ROBOT_COUNT = 40
# Old enough for every concert of the demo.
BORN = date(1995, 3, 14)


def robot_email(number: int) -> str:
    """The address of a robot; `number` counts from 1."""
    return f"robot{number:02}@example.com"


def emails() -> list[str]:
    """The addresses of the guests, then those of the robots."""
    return [email for email, _ in GUESTS] + [robot_email(number) for number in range(1, ROBOT_COUNT + 1)]


def seed_bidders() -> int:
    """Add the accounts that are missing. Returns how many were added."""
    added = sum(_add(email, name, number) for number, (email, name) in enumerate(GUESTS, 1))
    added += sum(_add(robot_email(number), f"로봇 {number:02}", 100 + number) for number in range(1, ROBOT_COUNT + 1))
    # A demo that an earlier release has made has people whose phones were never proven.
    vouch_for_phones(emails())
    return added


def _add(email: str, name: str, number: int) -> bool:
    # Looked up first, because hashing a password takes time.
    if people.find_by_email(email) is not None:
        return False
    people.add_person(email, name, PASSWORD, birth_date=BORN, phone=f"010-0000-{number:04}", verified=True)
    return True
