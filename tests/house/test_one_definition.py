"""Terms and entries are defined once in the law; every other place that lists their fields must list them all."""

import re
from dataclasses import fields

import pytest

from cashticket.auction.terms import TERMS_BOUNDS, TERMS_FIELDS, Terms
from cashticket.catalogue import import_rows
from cashticket.catalogue.plans import Plan
from cashticket.engine.decoding import ANSWER_FIELDS
from cashticket.engine.entries import ENTRY_KEYS
from cashticket.ledger.bid_rows import COLUMNS
from cashticket.models import Auction, RecordedBid
from tests.house.source import ROOT, scripts

# Fields whose column has another name.
TERMS_COLUMNS = {
    "auction_id": "id",
    "opens_at_ms": "opens_at",
    "closes_at_ms": "closes_at",
    "soft_close_ms": "soft_close_seconds",
    "soft_close_cap_ms": "soft_close_cap_seconds",
}
# Only the names of bidders on boards depend on the salt, so it decides nothing about a bid.
NOT_DECIDING = {"alias_salt"}


def migrated_columns(table: str) -> set[str]:
    """The columns that the migrations give a table when they make it, or add to it."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "migrations" / "versions").glob("*.py")]
    columns: set[str] = set()
    for text in texts:
        made = re.search(rf'create_table\(\s*"{table}",(.*?)\n    \)\n', text, re.DOTALL)
        added = re.findall(rf'add_column\(\s*"{table}",\s*(sa\.Column\("\w+")', text)
        added += re.findall(rf'batch_alter_table\("{table}".*?(?=batch_alter_table|\Z)', text, re.DOTALL)
        columns |= set(re.findall(r'sa\.Column\(\s*"(\w+)"', "\n".join([*(made.groups() if made else ()), *added])))
    return columns


@pytest.mark.parametrize("verb", ["open", "restore"])
def test_scripts_that_write_the_terms_name_none_of_them(verb: str) -> None:
    named = set(re.findall(r"'(\w+)'", scripts()[verb]))
    assert "TERMS" in scripts()[verb] and not named & set(TERMS_FIELDS)


def test_a_bid_is_decided_by_every_term_but_the_salt() -> None:
    named = set(re.findall(r"'(\w+)'", scripts()["place_bid"]))
    assert set(TERMS_FIELDS) - NOT_DECIDING <= named


def test_every_term_has_a_column() -> None:
    columns = {TERMS_COLUMNS.get(field.name, field.name) for field in fields(Terms)}
    assert columns <= set(Auction.__table__.columns.keys())
    assert columns <= migrated_columns("auctions")


def test_the_script_writes_every_field_of_an_entry_and_no_other() -> None:
    written = re.search(r"cjson\.encode\(\{(.*?)\}\)", scripts()["place_bid"], re.DOTALL)
    assert written
    keys = re.findall(r"(\w+) = ", written.group(1))
    assert sorted(keys) == sorted(ENTRY_KEYS.values())


def test_the_script_answers_with_every_field_of_an_answer_in_order() -> None:
    answer = re.search(r"'accepted' \| 'replayed', '([\w ]+)'", scripts()["place_bid"])
    assert answer and tuple(answer.group(1).split()) == ANSWER_FIELDS


def test_every_field_of_an_entry_has_a_column() -> None:
    columns = set(COLUMNS.values())
    assert columns <= set(RecordedBid.__table__.columns.keys())
    assert columns <= migrated_columns("bids")


def test_a_column_that_no_migration_makes_is_seen() -> None:
    assert "soft_close_seconds" in migrated_columns("auctions")
    assert "hidden_reserve" not in migrated_columns("auctions")


def test_every_number_among_the_terms_has_bounds() -> None:
    moments = {"opens_at_ms", "closes_at_ms"}
    assert set(TERMS_BOUNDS) == set(TERMS_FIELDS) - moments - NOT_DECIDING


def test_imports_and_the_command_take_every_term_of_a_plan() -> None:
    terms = {field.name.removesuffix("_seconds").removesuffix("_at") for field in fields(Plan)} - {"concert_id"}
    commands = (ROOT / "tests" / "house" / "commands.txt").read_text(encoding="utf-8")
    [command] = re.findall("^auction add (.*)$", commands, re.MULTILINE)
    options = {word.removeprefix("--").replace("-", "_") for word in command.split()} - {"concert", "json", "store"}
    assert terms == set(import_rows.TERMS) == options
