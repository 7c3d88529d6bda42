"""`flask ops doctor`: what is wrong with this installation, and how to mend it."""

import json
from collections.abc import Iterable
from dataclasses import asdict

import click
from flask import current_app

from cashticket.cli.output import command, json_option
from cashticket.config import unencrypted_links
from cashticket.errors import OperatorError
from cashticket.wiring import current_settings
from cashticket.work.doctor.diagnoses import Diagnosis, Health
from cashticket.work.doctor.examinations import examinations
from cashticket.work.doctor.examining import examine

ILL = 1
ORDER = (Health.SKIPPED, Health.OK, Health.WARN, Health.BAD)
"""What is worst stands last, above the prompt."""


class KnowsNoStores(OperatorError):
    """A process that changes tables alone has no addresses of stores."""


@command("doctor", example="ops doctor")
@json_option
def doctor(as_json: bool) -> None:
    """Look at every part of this installation, and say what is wrong and how to mend it. Changes nothing, mails nobody,
    and prints no secret.

    A line for each part: ok, skipped, warn or bad. Exit status 0: nothing is bad. 1: something is. It takes a few
    seconds, and longer only while parts do not answer.
    """
    if current_settings().role == "migration":
        raise KnowsNoStores("ROLE is migration, which knows no stores: run this with the settings of the watch.")
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    links = list(unencrypted_links(current_settings())) if current_settings().production else []
    diagnoses = list(examine(app, examinations(links)))
    if as_json:
        click.echo(json.dumps([_row(diagnosis) for diagnosis in diagnoses], ensure_ascii=False))
    else:
        _print(diagnoses)
    if any(diagnosis.health is Health.BAD for diagnosis in diagnoses):
        raise SystemExit(ILL)


def _row(diagnosis: Diagnosis) -> dict[str, str]:
    facts = asdict(diagnosis)
    return {"name": facts["name"], "state": facts["health"], "seen": facts["seen"], "mend": facts["mend"]}


def _print(diagnoses: Iterable[Diagnosis]) -> None:
    ordered = sorted(diagnoses, key=lambda each: ORDER.index(each.health))
    width = max(len(each.name) for each in ordered)
    for each in ordered:
        click.echo(f"{each.health:<7}  {each.name:<{width}}  {each.seen}")
        if each.mend:
            click.echo(f"{'':<{9 + width}}  → {each.mend}")
    counts = [(health, sum(each.health is health for each in ordered)) for health in reversed(ORDER)]
    click.echo(f"{len(ordered)} parts: " + ", ".join(f"{count} {health}" for health, count in counts))


commands = (doctor,)
