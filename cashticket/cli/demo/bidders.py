"""The people of the demo: guests to sign in as, and robots that bid."""

from datetime import date

from cashticket.accounts import people

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
    added = sum(_add(email, name) for email, name in GUESTS)
    return added + sum(_add(robot_email(number), f"로봇 {number:02}") for number in range(1, ROBOT_COUNT + 1))


def _add(email: str, name: str) -> bool:
    # Looked up first, because hashing a password takes time.
    if people.find_by_email(email) is not None:
        return False
    people.add_person(email, name, PASSWORD, birth_date=BORN, verified=True)
    return True
