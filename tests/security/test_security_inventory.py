"""The inventory of the security log in the docs, the events in the code and the doors of the tests are the same."""

import re
from pathlib import Path

from cashticket.accounts.security_log import WARNINGS, SecurityEvent
from lab.servers.processes import ROOT
from tests.house.source import product_modules
from tests.security.identity_events import IDENTITY_ACTS
from tests.security.phone_events import PHONE_ACTS
from tests.security.second_factor_events import FACTOR_ACTS
from tests.security.security_events import ACTS, EXTRA

INVENTORY = ROOT / "docs" / "logging.md"
ROW = re.compile(r"^\| `([a-z_]+(?:\.[a-z_]+)?)` \| (info|warning) \|", re.MULTILINE)


def inventory(page: Path) -> dict[str, str]:
    """Event → level, as the table of the security log says it."""
    chapter = page.read_text(encoding="utf-8").partition("## Security log")[2].partition("\n## ")[0]
    return dict(ROW.findall(chapter))


def written_events() -> set[SecurityEvent]:
    """The events that product code names outside the list of events."""
    texts = [each.text for each in product_modules() if each.path != "cashticket/accounts/security_log.py"]
    named = {name for text in texts for name in re.findall(r"SecurityEvent\.([A-Z_]+)", text)}
    # The act of an operator is written by the table of acts, which knows no accounts.
    return {SecurityEvent[name] for name in named} | {SecurityEvent.OPERATOR_ACT}


def test_every_event_has_a_row_in_the_inventory_with_its_level() -> None:
    levels = {event.value: "warning" if event in WARNINGS else "info" for event in SecurityEvent}
    assert inventory(INVENTORY) == levels


def test_every_event_that_code_writes_is_tried_at_a_door() -> None:
    tried = {event for event, _ in (ACTS | FACTOR_ACTS | PHONE_ACTS | IDENTITY_ACTS).values()} | {
        event for more in EXTRA.values() for event in more
    }
    assert tried == written_events() == set(SecurityEvent)
