"""Who does what by command, and why: the option that names the operator, and `flask operator acts`, which lists all."""

import getpass
from datetime import datetime
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from cashticket.cli.moments import MOMENT
from cashticket.cli.output import Data, View, command, json_option, print_many
from cashticket.extensions import db
from cashticket.locale import iso
from cashticket.models import OperatorAct
from cashticket.models.units import in_one_unit

group = AppGroup("operator", help="What operators did: every act with its reason.")

NAME_MAX = 80
WHY_MAX = 500
COLUMNS = ("id", "at", "operator", "act", "subject", "why")


def operator_option(view: View) -> View:
    """Give a command `--operator`, as the argument `operator`: a name of 1 to 80 characters."""
    return click.option(
        "--operator",
        default=account,
        show_default="the account at this machine",
        callback=_name,
        help="Who does this; kept with the reason.",
    )(view)


def why_option(view: View) -> View:
    """Give a command `--why`, as the argument `why`: 1 to 500 characters."""
    return click.option("--why", required=True, callback=_why, help="The reason, kept for good.")(view)


def account() -> str:
    """The account at this machine."""
    try:
        return getpass.getuser()[:NAME_MAX]
    except (KeyError, OSError):
        return "unknown"


def record(operator: str, act: str, subject: str, why: str = "", facts: dict[str, Any] | None = None) -> None:
    """Keep an act that has no unit of its own."""

    def work(session: Session) -> None:
        session.add(OperatorAct(operator=operator, act=act, subject=subject, why=why, facts=facts or {}))

    in_one_unit(work)


@command("acts", example="operator acts --subject 'auction 3' --json")
@click.option("--subject", help="Only acts on this, such as 'auction 3' or 'person 7'.")
@click.option("--by", "operator", help="Only acts of this operator.")
@click.option("--since", type=MOMENT, help="Only acts from then on; without a zone, in Seoul.")
@json_option
def acts(subject: str | None, operator: str | None, since: datetime | None, as_json: bool) -> None:
    """List what operators did, the newest first."""
    found = select(OperatorAct).order_by(OperatorAct.id.desc())
    if subject is not None:
        found = found.where(OperatorAct.subject == subject)
    if operator is not None:
        found = found.where(OperatorAct.operator == operator)
    if since is not None:
        found = found.where(OperatorAct.at >= since)
    print_many([_data(act) for act in db.session.scalars(found)], COLUMNS, as_json, none="No acts.")


def _data(act: OperatorAct) -> Data:
    return {
        "id": act.id,
        "at": iso(act.at),
        "operator": act.operator,
        "act": act.act,
        "subject": act.subject,
        "why": act.why,
        "facts": act.facts,
    }


def _name(context: click.Context, parameter: click.Parameter, value: str) -> str:
    value = value.strip()
    if not (1 <= len(value) <= NAME_MAX and value.isprintable()):
        raise click.ClickException(f"--operator must be a name of 1 to {NAME_MAX} printable characters.")
    return value


def _why(context: click.Context, parameter: click.Parameter, value: str) -> str:
    value = value.strip()
    if not 1 <= len(value) <= WHY_MAX:
        raise click.ClickException(f"--why must say why, in 1 to {WHY_MAX} characters.")
    return value


group.add_command(acts)
