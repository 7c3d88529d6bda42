"""Hashing passwords holds at most a quarter of the request threads of any process, wherever threads are set."""

import re
import runpy
import shlex
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from flask import Flask

from cashticket import config
from cashticket.accounts import hashing_pool
from cashticket.accounts.hashing_pool import HashingPool, TooBusy
from cashticket.live.sockets_only import SERVED
from lab.servers.live_service import PROCFILE, procfile_lines
from tests.house.source import ROOT
from tests.house.test_deployments import composed

SETTINGS = runpy.run_path(str(ROOT / "gunicorn.conf.py"))


def every_command() -> Iterator[tuple[str, list[str]]]:
    """Every gunicorn command of containers, hosts and `make run`, with its name."""
    for path in (PROCFILE, ROOT / "Procfile"):
        for name, text in procfile_lines(path).items():
            if "gunicorn" in text:
                yield f"{path.relative_to(ROOT)}: {name}", shlex.split(text)
    yield from ((f"docker-compose.yml: {name}", words) for name, words in composed().items() if "gunicorn" in words)


COMMANDS = dict(every_command())


def option(words: list[str], name: str, default: object) -> str:
    return words[words.index(name) + 1] if name in words else str(default)


def fitted(worker_class: str, threads: int) -> HashingPool:
    """The pool of a worker, fitted as gunicorn.conf.py fits it."""
    pool = HashingPool()
    pool.fit(SETTINGS["_threads_for_forms"](SimpleNamespace(worker_class_str=worker_class, threads=threads)))
    return pool


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_process_that_is_started_keeps_three_quarters_of_its_threads(name: str) -> None:
    words = COMMANDS[name]
    worker_class = option(words, "--worker-class", SETTINGS["worker_class"])
    threads = int(option(words, "--threads", SETTINGS["threads"]))
    pool = fitted(worker_class, threads)
    if worker_class == "gevent":
        assert (pool.places, words[-1]) == (0, "wsgi:live")
        return
    assert worker_class == "gthread" and words[-1] == "wsgi:app"
    # Under `make run` sockets take threads of the same process.
    sockets = config.load({}, ROOT / "instance").sockets_max if name == "Procfile: web" else 0
    assert 1 <= pool.places <= (threads - sockets) / 4


@pytest.mark.parametrize("threads", range(4, 200, 7))
def test_no_number_of_threads_gives_hashing_more_than_a_quarter(threads: int) -> None:
    assert 1 <= fitted("gthread", threads).places <= threads / 4


def test_a_process_that_was_fitted_by_nobody_has_room_for_every_place() -> None:
    # `flask run` starts a thread for each request, and tests run without gunicorn.
    assert HashingPool().places <= SETTINGS["threads"] / 4


@pytest.mark.parametrize("way", ["compose", "host"])
def test_nginx_passes_on_no_more_forms_than_a_process_has_places(way: str) -> None:
    text = (ROOT / "deploy" / way / "upstreams.conf").read_text(encoding="utf-8")
    forms = text.partition("upstream forms {")[2].partition("}")[0]
    limits = [int(number) for number in re.findall(r"max_conns=(\d+)", forms)]
    assert len(limits) == forms.count("server ") and set(limits) == {hashing_pool.PLACES_MAX}


@pytest.mark.parametrize("way", ["compose", "host"])
def test_readers_and_forms_together_leave_a_quarter_of_the_threads_to_bids(way: str) -> None:
    text = (ROOT / "deploy" / way / "upstreams.conf").read_text(encoding="utf-8")
    reads = text.partition("upstream reads {")[2].partition("}")[0]
    limits = [int(number) for number in re.findall(r"max_conns=(\d+) max_fails=0", reads)]
    assert len(limits) == reads.count("server ") == {"compose": 1, "host": 2}[way]
    assert (
        max(limits) <= SETTINGS["threads"] / 2 and max(limits) + hashing_pool.PLACES_MAX <= SETTINGS["threads"] * 3 / 4
    )
    web = text.partition("upstream web {")[2].partition("}")[0]
    assert "max_conns" not in web, "bids are never turned away for want of a place"


def test_the_live_service_serves_no_page_that_hashes(house: Flask) -> None:
    rules = [rule for rule in house.url_map.iter_rules() if "POST" in (rule.methods or ())]
    assert rules
    assert not [rule.rule for rule in rules if SERVED.fullmatch(re.sub(r"<[^>]+>", "1", rule.rule))]


def test_whoever_finds_every_place_taken_is_sent_away_at_once() -> None:
    pool = HashingPool(places=1)
    with pool.place(), pytest.raises(TooBusy), pool.place():
        pass
    with pool.place():
        pass
    with pytest.raises(TooBusy), fitted("gevent", 1).place():
        pass


def test_whoever_waits_gives_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hashing_pool.WAIT_SECONDS <= 2
    monkeypatch.setattr(hashing_pool, "WAIT_SECONDS", 0.01)
    pool = HashingPool()
    with pool.place(), pool.place(), pytest.raises(TooBusy), pool.place():
        pass
    with pool.place():
        pass
