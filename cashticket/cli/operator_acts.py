"""`flask operator acts`: list what operators did. Also records the acts of commands."""

from datetime import datetime
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from cashticket.cli.moments import MOMENT
from cashticket.cli.output import Data, command, json_option, print_many
from cashticket.extensions import db
from cashticket.locale import iso
from cashticket.models import OperatorAct
from cashticket.models.units import in_one_unit

group = AppGroup("operator", help="What operators did: every act with its reason.")

COLUMNS = ("id", "at", "operator", "act", "subject", "why")


def record(operator: str, act: str, subject: str, why: str = "", facts: dict[str, Any] | None = None) -> None:
    """Store an operator act in a transaction of its own."""

    def unit(session: Session) -> None:
        session.add(OperatorAct(operator=operator, act=act, subject=subject, why=why, facts=facts or {}))

    in_one_unit(unit)


@command("acts", example="operator acts --subject 'auction 3' --json")
@click.option("--subject", help="Only acts on this, such as 'auction 3' or 'person 7'.")
@click.option("--by", "operator", help="Only acts of this operator.")
@click.option("--since", type=MOMENT, help="Only acts at this moment or later; without a zone, in Seoul.")
@json_option
def acts(subject: str | None, operator: str | None, since: datetime | None, as_json: bool) -> None:
    """List what operators did, the newest first."""
    query = select(OperatorAct).order_by(OperatorAct.id.desc())
    if subject is not None:
        query = query.where(OperatorAct.subject == subject)
    if operator is not None:
        query = query.where(OperatorAct.operator == operator)
    if since is not None:
        query = query.where(OperatorAct.at >= since)
    print_many([_data(act) for act in db.session.scalars(query)], COLUMNS, as_json, none="No acts.")


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


group.add_command(acts)
