"""Being pushed out, over the whole installation: by mail to who is away, on the page to who is there, never both."""

import email
from collections.abc import Callable
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from lab.servers.installation import Installation
from lab.waiting import wait_until
from tests.staging.installation import is_recorded
from tests.staging.mails import text_of
from tests.story.visitor import Visitor
from tests.story.watching import watching

# Who is mailed is tested on both databases by tests/integration/test_rank_out_mail.py.
pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def mails(installation: Installation) -> Callable[[str, int], list[EmailMessage]]:
    """`mails(name, auction)`: what this person was mailed about an auction by now."""
    folder = Path(installation.environment["MAIL_URL"].removeprefix("file:"))

    def read(name: str, auction: int) -> list[EmailMessage]:
        found = [email.message_from_bytes(path.read_bytes(), policy=policy.default) for path in folder.glob("*.eml")]
        mine = [each for each in found if each["To"] == f"{name}@example.com"]
        return [each for each in mine if f"/auctions/{auction}\n" in text_of(each).replace("\r\n", "\n")]

    return read


def test_who_is_away_is_mailed_once_and_who_is_there_is_told_on_the_page(
    installation: Installation,
    auction: int,
    alice: Visitor,
    bob: Visitor,
    signed_in: Callable[[str, int], Visitor],
    mails: Callable[[str, int], list[EmailMessage]],
) -> None:
    first, second = installation.webs
    assert alice.bid(first, auction, 100_000).status == 201
    assert bob.bid(second, auction, 110_000).status == 201
    wait_until(lambda: mails("alice", auction), "a mail to alice, who has no page open")
    with watching(bob, second, auction) as page:
        page.until_position("winning")
        assert alice.bid(first, auction, 120_000).status == 201
        page.until_position("out")
        assert page.alerts() == [3]
        # Alice is pushed out again, and still away: her mail leaves later than one to bob would have.
        assert signed_in("carol", 1).bid(first, auction, 130_000).status == 201
        wait_until(lambda: len(mails("alice", auction)) == 2, "a mail about the second time")
    assert is_recorded(installation, auction)
    assert mails("bob", auction) == [] and len(mails("alice", auction)) == 2
