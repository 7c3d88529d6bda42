"""Random auctions find every mistake that is put into the product, within a few hundred auctions."""

import re

import pytest
from flask import Flask
from sqlalchemy import text

from cashticket.extensions import db
from tests.storm.random_auctions.breaks import BREAKS, Break
from tests.storm.random_auctions.running import run

pytestmark = [pytest.mark.slow, pytest.mark.sweep, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

ENOUGH = 400
CI_STEP = 7
"""CI makes every seventh mistake, `make storm` all."""
UNIQUE = re.compile(r",\s*CONSTRAINT uq_awards_\w+ UNIQUE \([^)]*\)")


@pytest.fixture
def keyless(app: Flask) -> Flask:
    """The product without the unique keys of awards: the model must find a second award, not the schema."""
    with db.engine.begin() as connection:
        rows = text("SELECT sql FROM sqlite_master WHERE tbl_name = 'awards' AND sql > '' ORDER BY type DESC")
        statements = connection.scalars(rows).all()
        keys = len(UNIQUE.findall(statements[0]))
        connection.exec_driver_sql("DROP TABLE awards")
        for statement in statements:
            connection.exec_driver_sql(UNIQUE.sub("", statement))
    assert keys == 3
    return app


@pytest.mark.parametrize(
    "mistake",
    [
        pytest.param(mistake, id=mistake.__name__, marks=[pytest.mark.trial] if place % CI_STEP else [])
        for place, mistake in enumerate(BREAKS)
    ],
)
def test_a_mistake_in_the_product_is_found(keyless: Flask, monkeypatch: pytest.MonkeyPatch, mistake: Break) -> None:
    mistake(monkeypatch)
    with pytest.raises(AssertionError) as failure:
        run(ENOUGH)
    assert any(note.startswith("seed") for note in failure.value.__notes__), "a failure names its seed"


def test_without_its_keys_the_product_does_the_same(keyless: Flask) -> None:
    assert run(20)["auctions"] >= 20
