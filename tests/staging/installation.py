"""Concerts, auctions and people of an installation, made by command as an operator makes them.

The commands run in the process of the tests, on the database and the store of the installation: an interpreter of its
own for each would take longer than most tests. `Installation.run` starts one, for what a test says about a command.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from cashticket import config, create_app
from cashticket.extensions import db
from lab.servers.installation import ROOT, Installation
from tests.staging.rows import PASSWORD

CONTRACT_FIELDS = frozenset(
    {"id", "concert_id", "state", "seats", "minimum", "step", "pricing"}
    | {"opens_at", "closes_at", "ends_at", "cutoff", "best", "bidders", "accepted", "recorded"}
)


def options(values: Mapping[str, object]) -> list[str]:
    """The values as options of a command: `{"seats": 2}` becomes `--seats=2`."""
    return [f"--{name}={value}" for name, value in values.items()]


def operate(installation: Installation, *arguments: str, stdin: str = "") -> str:
    """Output of a `flask` command. Raises AssertionError if it fails."""
    app = create_app(config.load(installation.environment, ROOT / "instance"))
    done = app.test_cli_runner().invoke(args=[*arguments], input=stdin)
    with app.app_context():
        db.engine.dispose()
    assert done.exit_code == 0, f"flask {' '.join(arguments)} failed:\n{done.output}{done.exception!r}"
    return str(done.stdout)


def operate_json(installation: Installation, *arguments: str, stdin: str = "") -> Any:
    """Parsed output of a `flask` command with `--json`."""
    return json.loads(operate(installation, *arguments, "--json", stdin=stdin))


def add_user(installation: Installation, name: str, *flags: str, called: str = "") -> None:
    """A verified person with the address name@example.com, by the name `called` or else by that of the address."""
    facts = {"email": f"{name}@example.com", "name": called or name.capitalize()}
    operate_json(installation, "user", "add", "--verified", *flags, *options(facts), stdin=f"{PASSWORD}\n")


def add_concert(installation: Installation) -> int:
    """The id of a new concert. Nobody may win two seats of one, so who wins in a test needs a concert of its own."""
    facts = {"title": "한강의 밤", "artist": "The Lanterns", "venue": "한강홀", "starts": "2031-06-01T19:00:00+09:00"}
    concert = operate_json(installation, "concert", "add", *options(facts))
    assert isinstance(concert["id"], int)
    return int(concert["id"])


def open_auction(
    installation: Installation,
    concert: int,
    *,
    seats: int,
    opens: str = "now",
    closes: str = "+1h",
    soft_close: int = 0,
    cap: int = 0,
    maximum: int | None = None,
) -> int:
    """The id of a new auction, open now: from 100,000 won in steps of 10,000, up to `maximum` or the usual ceiling."""
    terms = {"seats": seats, "minimum": 100_000, "step": 10_000, "opens": opens, "closes": closes}
    terms |= {"soft-close": soft_close, "soft-close-cap": cap} | ({"maximum": maximum} if maximum else {})
    auction = operate_json(installation, "auction", "add", *options({"concert": concert} | terms))
    assert isinstance(auction["id"], int) and auction["concert_id"] == concert
    return int(auction["id"])


def acted_before_its_end(
    installation: Installation,
    act: Callable[[int], object],
    *,
    seconds: int,
    again: Callable[[], object] = lambda: None,
    **terms: Any,
) -> int:
    """The id of an auction that ends after some `seconds`, in which `act(auction)` was done before its end.

    Where a machine is too slow for that, whatever `act` raised, `again()` is called, and the next auction lasts five
    times as long. Each has a concert of its own.
    """
    for length in (seconds, 5 * seconds, 25 * seconds):
        concert, began = add_concert(installation), time.monotonic()
        auction = open_auction(installation, concert, closes=f"+{length}s", **terms)
        failure = None
        try:
            act(auction)
        except Exception as error:
            failure = error
        if time.monotonic() - began < length or length == 25 * seconds:
            break
        again()
    if failure is not None:
        raise failure
    return auction


def shown(installation: Installation, auction_id: int) -> dict[str, Any]:
    """What `auction show` says, with every field that is promised."""
    facts: dict[str, Any] = operate_json(installation, "auction", "show", str(auction_id))
    assert facts.keys() >= CONTRACT_FIELDS
    return facts


def is_recorded(installation: Installation, auction_id: int) -> bool:
    """Whether the ledger has every accepted bid."""
    facts = shown(installation, auction_id)
    return bool(facts["recorded"] == facts["accepted"])
