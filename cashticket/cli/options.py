"""Options that several commands share: who acts, and why."""

import getpass

import click

from cashticket.cli.output import View
from cashticket.models.operator_acts import OPERATOR_MAX, WHY_MAX
from cashticket.typed.text import can_be_shown, many_lines, one_line


def operator_option(view: View) -> View:
    """Give a command `--operator`, passed as `operator`: 1 to OPERATOR_MAX characters, by default the account."""
    return click.option(
        "--operator",
        default=account,
        show_default="the account at this machine",
        callback=_checked_operator,
        help="Who does this; kept with the reason.",
    )(view)


def why_option(view: View) -> View:
    """Give a command `--why`, passed as `why`: 1 to WHY_MAX characters."""
    return click.option("--why", required=True, callback=_checked_why, help="The reason, kept for good.")(view)


def account() -> str:
    """Name of the account that runs this process, `unknown` if it has none."""
    try:
        return getpass.getuser()[:OPERATOR_MAX]
    except (KeyError, OSError):
        return "unknown"


def _checked_operator(context: click.Context, parameter: click.Parameter, value: str) -> str:
    value = one_line(value)
    if not (1 <= len(value) <= OPERATOR_MAX and can_be_shown(value)):
        raise click.ClickException(f"--operator must be a name of 1 to {OPERATOR_MAX} printable characters.")
    return value


def _checked_why(context: click.Context, parameter: click.Parameter, value: str) -> str:
    value = many_lines(value)
    if not (1 <= len(value) <= WHY_MAX and can_be_shown(value, lines=True)):
        raise click.ClickException(f"--why must say why, in 1 to {WHY_MAX} characters, without control characters.")
    return value
