"""The security page says who may ask for what and which values are taken; the doors do just that."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from cashticket.accounts import addresses, fields, passwords, people
from cashticket.auction.values import AMOUNT_MAX
from cashticket.catalogue import browsing
from cashticket.catalogue.poster_decoding import limits as poster_limits
from cashticket.models import Person
from tests.fixtures.people import Browser, sign_in
from tests.house.compose import compose_file
from tests.house.routes import doors
from tests.house.source import ROOT, calls, product_modules

# The kind of database changes nothing here.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def chapter(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def table(title: str) -> list[list[str]]:
    """The rows of a chapter's tables that begin with a code word, as lists of cells."""
    text_lines = (text_line for text_line in chapter(title).splitlines() if text_line.startswith("| `"))
    return [[cell.strip() for cell in text_line.strip("|").split(" | ")] for text_line in text_lines]


def rights() -> dict[str, str]:
    """Path, its parameters nameless → who may ask for it."""
    paths = {path: cells[1] for cells in table("Rights") for path in re.findall(r"`(/[^`]*)`", cells[0])}
    return {nameless(path): who for path, who in paths.items()}


def nameless(path: str) -> str:
    return re.sub(r"<[^>]+>", "<>", path)


def page_of(answer: TestResponse) -> str:
    """The page without the code of its request."""
    return re.sub(r"<code[^>]*>[^<]+</code>", "", answer.get_data(as_text=True))


@on_sqlite
def test_every_door_has_a_row_that_says_who_may_knock(app: Flask) -> None:
    paths = {nameless(text_line.split(" ")[0]) for text_line in doors(app)}
    assert set(rights()) == paths, "give the path a row in docs/security.md, Rights"


@on_sqlite
def test_doors_for_the_signed_in_are_closed_to_the_anonymous(app: Flask, client: Browser) -> None:
    private = {path for path, who in rights().items() if who.startswith(("signed in", "owner"))}
    tried = 0
    for text_line in doors(app):
        path, methods, _ = text_line.split(" ")
        if nameless(path) not in private:
            continue
        for method in set(methods.split(",")) & {"GET", "POST"}:
            answer = client.open(nameless(path).replace("<>", "1"), method=method)
            # 400: a form that the anonymous may have, sent without its token.
            assert answer.status_code in (303, 400, 404), (path, answer.status_code)
            assert answer.status_code != 303 or str(answer.location).startswith("/login"), path
            tried += 1
    assert tried > 12


@on_sqlite
def test_what_belongs_to_alice_does_not_exist_for_mallory(
    browser: Callable[[], Browser], people: dict[str, Person], settled_auction: int
) -> None:
    alice, mallory = sign_in(browser(), "alice"), sign_in(browser(), "mallory")
    award = re.search(r'action="/awards/(\d+)/buy"', alice.get("/me/tickets").get_data(as_text=True))
    assert award is not None
    ended = browser()
    sign_in(ended, "alice")
    session = re.search(r'action="/me/profile/sessions/(\d+)/end"', alice.get("/me/profile").get_data(as_text=True))
    assert session is not None
    token = mallory.token("/me/profile")
    for path in [f"/awards/{award[1]}/{act}" for act in ("buy", "decline", "cancel")] + [
        f"/me/profile/sessions/{session[1]}/end"
    ]:
        known = mallory.post(path, data={"csrf_token": token})
        other = re.sub(r"\d+", "987654", path)
        unknown = mallory.post(other, data={"csrf_token": token})
        assert (known.status_code, unknown.status_code) == (404, 404), path
        assert page_of(known).replace(path, other) == page_of(unknown), "the answer shows that the row exists"
    assert ended.get("/me").status_code == 200


@pytest.mark.parametrize(
    ("field_name", "limits"),
    [
        ("email", [addresses.EMAIL_LENGTH_MAX]),
        ("password", [passwords.LENGTH_MIN, passwords.LENGTH_MAX]),
        ("name", [people.NAME_LENGTH_MAX]),
        ("birth_date", [fields.AGE_MIN, fields.AGE_MAX]),
        ("amount", [AMOUNT_MAX]),
        ("q", [browsing.QUERY_LENGTH_MAX]),
    ],
)
def test_the_limits_on_the_page_are_those_of_the_code(field_name: str, limits: list[int]) -> None:
    written = next(cells[2] for cells in table("Input rules") if f"`{field_name}`" in cells[0])
    assert [int(number) for number in re.findall(r"\d+", written)] == limits


def test_the_limits_of_posters_are_those_of_the_code() -> None:
    written = next(text_line for text_line in chapter("Input rules").splitlines() if "poster file" in text_line)
    megabytes, millions = poster_limits.BYTES_MAX // 1_000_000, poster_limits.PIXELS_MAX // 1_000_000
    figures = [megabytes, millions, poster_limits.RATIO_MAX, 1]
    assert [int(number) for number in re.findall(r"\d+", written)] == figures


def test_what_a_poster_may_cost_is_written_as_the_system_bounds_it() -> None:
    limits = poster_limits.Limits()
    megabytes, seconds = limits.memory_bytes // 1_000_000, limits.cpu_seconds
    row = next(text_line for text_line in PAGE.splitlines() if text_line.startswith("| decoding a poster |"))
    assert f"up to {megabytes} MB and {seconds} s" in row
    recipe = " ".join((ROOT / "docs" / "operations.md").read_text(encoding="utf-8").split())
    assert f"may take {megabytes} MB of memory and, for each poster, {seconds} seconds of a processor" in recipe
    assert f"{limits.wall_seconds:.0f} seconds in all" in recipe


def test_every_field_of_sign_up_has_its_row() -> None:
    named = {name for cells in table("Input rules") for name in re.findall(r"`(\w+)`", cells[0])}
    assert named >= {*fields.FIELDS, *fields.AGREEMENTS}


def test_sessions_begin_only_at_the_doors_that_the_page_lists() -> None:
    """Another call would be another way to sign in: it needs a row in the table, limits and a second step."""
    starts = [source.path for source in product_modules() for name, _ in calls(source) if name == "start_session"]
    assert starts == [f"cashticket/blueprints/account/{name}.py" for name in ("second_step", "sign_in")]
    logins = {source.path for source in product_modules() for name, _ in calls(source) if name == "login_user"}
    assert logins == {"cashticket/blueprints/request/identity.py"}
    assert re.findall(r"`POST /login`|`/login/second`|passkey alone", chapter("Ways to sign in"))


def test_the_page_names_every_connection_that_the_containers_allow() -> None:
    """Two services share a network only if a row names both, and every service is named."""
    rows = [cells for cells in _cells("Communication") if len(cells) == 4 and cells[0] != "from"]
    named = {frozenset(_services(cells[0]) | _services(cells[1])) for cells in rows}
    services = compose_file()["services"]
    outward = {"edge", "mail", "push"}
    for name, service in services.items():
        assert any(re.sub(r"-\d$", "", name) in group for group in named), f"{name} has no row under Communication"
        for network in set(service["networks"]) & outward:
            assert (name, network) in {("proxy", "edge"), ("worker-mail", "mail"), ("worker-push", "push")}


def _cells(title: str) -> list[list[str]]:
    text_lines = (text_line for text_line in chapter(title).splitlines() if text_line.startswith("| "))
    return [[cell.strip() for cell in text_line.strip("|").split(" | ")] for text_line in text_lines]


def _services(cell: str) -> set[str]:
    every = set(re.findall(r"`([a-z-]+)`", cell))
    workers = {f"worker-{queue}" for queue in ("bids", "settlement", "checks", "mail", "push")}
    return every | (workers if "workers" in cell else set())
