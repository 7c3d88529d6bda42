"""Concert pages: cached for everybody, changed at once, with a frame for each visitor."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
import redis
from flask import Flask
from sqlalchemy import event

from cashticket.catalogue.cache import Cache
from cashticket.extensions import db
from cashticket.models import Concert
from cashticket.models.columns import utcnow
from cashticket.wiring import page_cache
from cashticket.work.closing import close_and_settle
from lab.waiting import wait_until
from tests.fixtures.people import Browser, sign_in
from tests.staging.auctions import Stage
from tests.staging.rows import add_concert


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """Lists every statement sent to the database inside the block, by any thread."""
    statements: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN", "SELECT 1")):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def page(browser: Browser, path: str, **headers: str) -> str:
    answer = browser.get(path, headers=headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def cli(app: Flask, *words: str) -> dict[str, int]:
    result = app.test_cli_runner().invoke(args=[*words, "--json"])
    assert result.exit_code == 0, result.output
    answer: dict[str, int] = json.loads(result.stdout)
    return answer


def test_a_thousand_visitors_cost_as_many_sql_statements_as_one(app: Flask, browser: Callable[[], Browser]) -> None:
    add_concert(title="Spring Night")
    # Long enough for the slowest machine; statements are counted, not seconds.
    with counted_statements() as statements, ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(lambda _: browser().get("/concerts/").status_code, range(1_000)))
    assert answers == [200] * 1_000
    assert len(statements) == 4, statements


# All concerts have two more: which of them are on the page, and what they can be filtered by; a third where one has no
# auction that is not void: whether it is cancelled. A concert has two more: its organiser, and past auctions of its
# artist and venue. Figures of these are two more where there are any.
@pytest.mark.parametrize(("path", "count"), [("/", 1), ("/concerts/", 3), ("/concerts/{concert}", 3)])
def test_every_page_costs_few_sql_statements(app: Flask, client: Browser, path: str, count: int) -> None:
    stage = Stage(app)
    with counted_statements() as statements:
        for lang in ("ko", "en", "ko"):
            page(client, path.format(concert=stage.concert_id) + f"?lang={lang}")
    assert len(statements) == count, statements


def test_a_new_concert_shows_at_once(app: Flask, client: Browser) -> None:
    assert "Spring Night" not in page(client, "/concerts/")
    starts = (utcnow() + timedelta(days=9)).isoformat()
    options = ("--title", "Spring Night", "--artist", "A", "--venue", "B", "--starts", starts)
    cli(app, "concert", "add", *options)
    assert "Spring Night" in page(client, "/concerts/")


def test_the_page_of_a_cancelled_concert_says_so_and_why_at_once(app: Flask, client: Browser) -> None:
    stage = Stage(app)
    path = f"/concerts/{stage.concert_id}"
    assert "공연이 취소됐어요" not in page(client, path)
    cli(app, "concert", "cancel", str(stage.concert_id), "--why", "the <b>singer</b> is ill")
    for language, said in (("ko", "공연이 취소됐어요"), ("en", "This concert is cancelled.")):
        text = page(client, f"{path}?lang={language}")
        assert said in text and "the &lt;b&gt;singer&lt;/b&gt; is ill" in text
    results = page(client, f"/auctions/{stage.id}/results?lang=en")
    assert "the &lt;b&gt;singer&lt;/b&gt; is ill" in results


def test_a_cancelled_concert_without_auctions_says_so_and_why_instead_of_promising_one(
    app: Flask, client: Browser
) -> None:
    concert = add_concert(title="Spring Night").id
    paths = (f"/concerts/{concert}?lang=en", "/concerts/?lang=en", "/concerts/?q=spring&lang=en")
    assert all("No auction is announced" in page(client, path) for path in paths)
    cli(app, "concert", "cancel", str(concert), "--why", "the <b>singer</b> is ill")
    for path in paths:
        text = page(client, path)
        assert "This concert is cancelled." in text and "the &lt;b&gt;singer&lt;/b&gt; is ill" in text, path
        assert "No auction is announced" not in text and "auctions are void" not in text, path
    assert "공연이 취소됐어요." in page(client, "/concerts/?lang=ko")


def test_a_list_tells_a_cancelled_concert_from_one_whose_auction_alone_is_void(app: Flask, client: Browser) -> None:
    stage = Stage(app)
    cli(app, "auction", "void", str(stage.id), "--why", "fraud")
    assert "This concert is cancelled." not in page(client, "/concerts/?lang=en")
    cli(app, "concert", "cancel", str(stage.concert_id), "--why", "illness")
    text = page(client, "/concerts/?lang=en")
    assert "This concert is cancelled. Reason given: illness" in text and "badge-voided" in text


def test_a_new_auction_and_its_new_end_show_at_once(app: Flask, client: Browser) -> None:
    concert = add_concert().id
    paths = ("/", f"/concerts/{concert}")
    assert all("/auctions/" not in page(client, path) for path in paths)
    terms = ("--seats", "7", "--minimum", "100000", "--step", "5000", "--opens", "now", "--closes", "+1h")
    auction = cli(app, "auction", "add", "--concert", str(concert), *terms)["id"]
    before = [page(client, path) for path in paths]
    assert all(f"/auctions/{auction}" in text for text in before)
    cli(app, "auction", "extend", str(auction), "--to", (utcnow() + timedelta(hours=9)).isoformat(), "--why", "outage")
    after = [page(client, path) for path in paths]
    assert all("8시간" in text for text in after) and not any("8시간" in text for text in before)


def test_settling_and_voiding_show_at_once(app: Flask, client: Browser) -> None:
    stage = Stage(app, ends_in_ms=-1_000)
    path = f"/concerts/{stage.concert_id}"
    assert f"/auctions/{stage.id}/results" not in page(client, path)
    close_and_settle(stage.engine, stage.id)
    assert f"/auctions/{stage.id}/results" in page(client, path) and "badge-settled" in page(client, path)
    running = stage.open_auction()
    page_cache().drop()
    assert "badge-open" in page(client, path)
    cli(app, "auction", "void", str(running), "--why", "fraud")
    assert "badge-voided" in page(client, path) and "badge-open" not in page(client, path)


def test_a_page_made_from_older_facts_is_not_served_after_a_change(app: Flask, client: Browser) -> None:
    """One process rendered the page before the change and caches it after the change."""
    cache, made, dropped = page_cache(), threading.Event(), threading.Event()

    def slowly() -> str:
        made.set()
        assert dropped.wait(10)
        return "old"

    with ThreadPoolExecutor(1) as other:
        answer = other.submit(cache.text, "page", 60_000, slowly)
        assert made.wait(10)
        cache.drop()
        dropped.set()
        assert answer.result(10) == "old"
    assert cache.text("page", 60_000, lambda: "new") == "new"
    assert cache.text("page", 60_000, lambda: "newer") == "new"


def test_each_language_has_its_own_page(client: Browser) -> None:
    for _ in range(2):
        assert "진행" in page(client, "/") or "경매" in page(client, "/")
        english = page(client, "/?lang=en")
        assert "Live now" in english
        client.delete_cookie("lang")


def test_the_frame_says_who_is_asking_and_the_text_does_not(
    app: Flask, browser: Callable[[], Browser], people: object
) -> None:
    alice, stranger = sign_in(browser(), "alice"), browser()
    assert "/logout" in page(alice, "/") and "/logout" not in page(stranger, "/")
    assert "csrf" not in page(stranger, "/") and "/login" not in page(alice, "/")


def test_a_stranger_gets_no_cookie(client: Browser) -> None:
    for path in ("/", "/concerts/"):
        answer = client.get(path)
        assert "Set-Cookie" not in answer.headers and "Cookie" not in answer.headers.get("Vary", "")


def test_an_unknown_concert_is_not_found(client: Browser) -> None:
    for path in ("/concerts/4711", "/concerts/4711/poster.svg"):
        assert client.get(path).status_code == 404


def test_a_title_is_escaped_everywhere(app: Flask, client: Browser) -> None:
    concert = add_concert(title="<b>R&B</b> \n Night")
    text = page(client, f"/concerts/{concert.id}")
    assert "<b>R&B" not in text and "<title>&lt;b&gt;R&amp;B&lt;/b&gt; Night ·" in text


def test_a_search_is_never_cached(app: Flask, client: Browser) -> None:
    add_concert(title="Spring Night")
    assert "Spring Night" in page(client, "/concerts/?q=spring") and "Spring Night" not in page(
        client, "/concerts/?q=x"
    )
    add_concert(title="Spring Day")
    assert "Spring Day" in page(client, "/concerts/?q=spring")


def test_pages_render_while_the_cache_is_away(app: Flask, client: Browser) -> None:
    add_concert(title="Spring Night")
    nowhere = redis.Redis.from_url("unix:///nowhere/redis.sock", socket_timeout=0.1)
    app.extensions["page_cache"] = Cache(nowhere, "{pages}:")
    assert "Spring Night" in page(client, "/concerts/")
    assert page_cache().drop() is False
    db.session.add(
        Concert(title="New", artist="A", venue="B", starts_at=utcnow() + timedelta(days=9), cancel_until=utcnow())
    )
    db.session.commit()
    assert "New" in page(client, "/concerts/")


# The cache itself


@pytest.fixture
def cache(redis_client: redis.Redis) -> Cache:
    path = redis_client.connection_pool.connection_kwargs["path"]
    return Cache(redis.Redis(unix_socket_path=path), "{test}:")


def test_one_makes_while_the_others_wait(cache: Cache) -> None:
    made: list[int] = []

    def make() -> str:
        made.append(1)
        deadline = time.monotonic() + 5
        while waiting.qsize() and time.monotonic() < deadline:
            time.sleep(0.005)
        return "text"

    with ThreadPoolExecutor(16) as crowd:
        waiting = crowd._work_queue
        answers = list(crowd.map(lambda _: cache.text("a", 60_000, make), range(16)))
    assert answers == ["text"] * 16 and len(made) == 1


def test_an_aged_text_is_served_while_one_renews_it(cache: Cache, redis_client: redis.Redis) -> None:
    assert cache.text("a", 1, lambda: "old") == "old"
    wait_until(lambda: not redis_client.exists("{test}:a:fresh"), "the text to age")
    begun, finish = threading.Event(), threading.Event()

    def renew() -> str:
        begun.set()
        assert finish.wait(10)
        return "new"

    with ThreadPoolExecutor(1) as other:
        answer = other.submit(cache.text, "a", 60_000, renew)
        assert begun.wait(10)
        assert cache.text("a", 60_000, lambda: "not me") == "old"
        finish.set()
        assert answer.result(10) == "new"
    assert cache.text("a", 60_000, lambda: "not me") == "new"


def test_a_maker_that_fails_lets_the_next_one_try(cache: Cache) -> None:
    def fail() -> str:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        cache.text("a", 60_000, fail)
    assert cache.text("a", 60_000, lambda: "yes") == "yes"


def test_an_emptied_store_is_no_trouble(cache: Cache, redis_client: redis.Redis) -> None:
    assert cache.text("a", 60_000, lambda: "one") == "one"
    cache.drop()
    redis_client.flushall()
    assert cache.text("a", 60_000, lambda: "two") == "two"


def test_two_processes_keep_one_text(cache: Cache, redis_client: redis.Redis) -> None:
    other = Cache(redis.Redis(unix_socket_path=redis_client.connection_pool.connection_kwargs["path"]), "{test}:")
    assert cache.text("a", 60_000, lambda: "one") == "one"
    assert other.text("a", 60_000, lambda: "not me") == "one"
    other.drop()
    assert other.text("a", 60_000, lambda: "two") == "two"
    assert cache.text("a", 60_000, lambda: "not me") == "two"
