"""What commands of operators cost that look at one auction, one person or one concert: the same at every size."""

from collections.abc import Callable

import pytest
from click.testing import Result

from tests.staging.sizes import FilledSite, Sites

WHY = ("--why", "counted", "--operator", "carol")
CONCERT = ("--title=Night", "--artist=The Lanterns", "--venue=Hall", "--starts=2031-06-01T19:00:00+09:00")
TERMS = ("--seats=20", "--minimum=100000", "--step=5000", "--opens=now", "--closes=+1h")

COMMANDS: dict[str, tuple[str, ...]] = {
    "auction add": ("--concert={running.concert_id}", *TERMS),
    "auction extend": ("{running}", "--to={later}", *WHY),
    "auction list": (),
    "auction quarantine": ("{running}",),
    "auction show": ("{running}",),
    "concert add": CONCERT,
    "concert list": (),
    "concert show": ("{running.concert_id}",),
    "operator acts": (),
    "user marks": ("{stranger}",),
    "user change": ("{stranger}", "--name=Guest Changed", *WHY),
    "user sign-out": ("{stranger}", *WHY),
}


def command(name: str, *arguments: str) -> Callable[[FilledSite], Callable[[], Result]]:
    """Running a command that must succeed. Its arguments may hold `{running}`, `{settled}` and `{stranger}`."""

    def prepare(site: FilledSite) -> Callable[[], Result]:
        texts = [site.address(text).replace("{stranger}", str(site.strangers[5])) for text in arguments]
        # Each time later than the time before.
        days = iter(range(1, 9))

        def run() -> Result:
            later = f"2031-01-0{next(days)}T12:00:00+09:00"
            given = [text.replace("{later}", later) for text in texts]
            done = site.app.test_cli_runner().invoke(args=[*name.split(" "), *given, "--json"])
            assert done.exit_code == 0, done.output
            return done

        return run

    return prepare


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_costs_the_same_at_every_size(sites: Sites, name: str) -> None:
    sites.cost_of(command(name, *COMMANDS[name])).stays()
