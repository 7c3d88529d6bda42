"""What the doctor says of a part, for tests that break it."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Flask

from cashticket import config
from cashticket.wiring import current_settings
from cashticket.work.doctor.diagnoses import Diagnosis, Health

PRODUCTION = {
    "APP_ENV": "production",
    "SECRET_KEY": "7f1c9b2e4d8a6053f1e2c4b69788a5d3e0b1c7f4928d6a5e",
    "DATABASE_URL": "mysql+pymysql://cashticket:p4ssw0rd-of-the-database@127.0.0.1/cashticket",
    "REDIS_URL": "redis://cashticket:p4ssw0rd-of-the-store@127.0.0.1:6379/0",
    "QUEUE_REDIS_URL": "redis://cashticket:p4ssw0rd-of-the-queue@127.0.0.1:6380/0",
    "MAIL_URL": "smtp://cashticket:p4ssw0rd-of-the-mail@127.0.0.1:1",
    "BASE_URL": "https://tickets.example",
}


def seen_by(look: Callable[[], Iterable[Diagnosis]]) -> dict[str, Diagnosis]:
    """What an examination says, by the name of the part. Call it inside an application."""
    return {diagnosis.name: diagnosis for diagnosis in look()}


def only(look: Callable[[], Iterable[Diagnosis]]) -> Diagnosis:
    """The one thing that an examination says."""
    [diagnosis] = look()
    return diagnosis


def is_told(diagnosis: Diagnosis, health: Health, seen: str, mend: str) -> None:
    """Fail unless the diagnosis has this health and says these words."""
    assert diagnosis.health is health, diagnosis
    assert seen in diagnosis.seen and mend in diagnosis.mend, diagnosis
    assert bool(diagnosis.mend) is (health in (Health.WARN, Health.BAD)), diagnosis


def configured(folder: Path, environment: dict[str, str] | None = None, **changes: Any) -> Flask:
    """An application that has settings and nothing else: those of PRODUCTION unless `environment` is given, with
    `changes` that a start may refuse."""
    app = Flask("doctor")
    settings = config.load(PRODUCTION if environment is None else environment, folder / "instance")
    app.extensions["settings"] = replace(settings, **changes)
    return app


def change_settings(app: Flask, **changes: Any) -> None:
    """Give an application other settings; what was wired with the former ones stays."""
    with app.app_context():
        app.extensions["settings"] = replace(current_settings(), **changes)
