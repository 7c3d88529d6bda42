"""`flask operator acts`: list what operators did."""

from datetime import datetime

import click
from flask.cli import AppGroup

from cashticket.cli.moments import MOMENT
from cashticket.cli.output import Data, command, json_option, print_many
from cashticket.ledger.operator_acts import find_acts
from cashticket.locale import iso
from cashticket.models import OperatorAct

group = AppGroup("operator", help="What operators did: every act with its reason.")

COLUMNS = ("id", "at", "operator", "act", "subject", "why")


@command("acts", example="operator acts --subject 'auction 3' --json")
@click.option("--subject", help="Only acts on this, such as 'auction 3' or 'person 7'.")
@click.option("--by", "operator", help="Only acts of this operator.")
@click.option("--since", type=MOMENT, help="Only acts at this moment or later; without a zone, in Seoul.")
@json_option
def acts(subject: str | None, operator: str | None, since: datetime | None, as_json: bool) -> None:
    """List what operators did, the newest first. JSON has more `facts` of each act."""
    rows = [_data(act) for act in find_acts(subject, operator, since)]
    if not as_json:
        rows = [row | {"act": f"{row['act']} --lift"} if row["facts"].get("lifted") else row for row in rows]
    print_many(rows, COLUMNS, as_json, none="No acts.")


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
