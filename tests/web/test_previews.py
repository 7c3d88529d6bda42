"""The picture beside a shared link: painted once, kept for ever, and never at the cost of everybody else."""

import fcntl
import io
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from werkzeug.test import TestResponse

from cashticket.catalogue import poster_previews, posters, preview_art
from tests.fixtures.people import Browser
from tests.staging.rows import add_concert

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def folder(app: Flask) -> Path:
    kept: Path = app.extensions["settings"].posters
    kept.mkdir(parents=True, exist_ok=True)
    return kept


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The concerts whose shapes were painted, each time that it was done."""
    ids: list[int] = []
    paint = preview_art.of_shapes

    def noted(concert_id: int) -> Any:
        ids.append(concert_id)
        return paint(concert_id)

    monkeypatch.setattr(preview_art, "of_shapes", noted)
    return ids


def address(concert_id: int, poster: str | None = None) -> str:
    return f"/concerts/{concert_id}/preview-{poster_previews.name_of(concert_id, poster)}.png"


def fetched(client: Browser, path: str) -> TestResponse:
    return client.get(path, buffered=True)


def test_a_picture_is_painted_once_and_kept_by_everybody_for_ever(
    app: Flask, client: Browser, painted: list[int]
) -> None:
    concert = add_concert().id
    answers = [fetched(client, address(concert)) for _ in range(5)]
    assert {answer.data for answer in answers} == {answers[0].data} and painted == [concert]
    for answer in answers:
        assert (answer.status_code, answer.mimetype) == (200, "image/png")
        assert answer.cache_control.public and answer.cache_control.immutable
        assert answer.cache_control.max_age == 31_536_000
        assert "Set-Cookie" not in answer.headers and "Cookie" not in answer.headers.get("Vary", "")
    assert Image.open(io.BytesIO(answers[0].data)).size == (1200, 630)


def test_a_hundred_requests_at_once_paint_one_picture(
    app: Flask, browser: Callable[[], Browser], painted: list[int]
) -> None:
    concert = add_concert().id
    with ThreadPoolExecutor(10) as crowd:
        answers = list(crowd.map(lambda _: fetched(browser(), address(concert)), range(100)))
    assert painted == [concert]
    assert {answer.status_code for answer in answers} <= {200, 503} and 200 in {a.status_code for a in answers}


def test_while_one_picture_is_painted_anywhere_others_come_back_later(
    app: Flask, client: Browser, folder: Path, painted: list[int]
) -> None:
    concert = add_concert().id
    with (folder / poster_previews.LOCK).open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        answer = fetched(client, address(concert))
        assert answer.status_code == 503 and answer.headers["Retry-After"] == "1"
        assert "immutable" not in answer.headers.get("Cache-Control", "") and painted == []
    assert fetched(client, address(concert)).status_code == 200


def test_what_is_stored_already_needs_no_turn(app: Flask, client: Browser, folder: Path) -> None:
    concert = add_concert().id
    fetched(client, address(concert))
    with (folder / poster_previews.LOCK).open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert fetched(client, address(concert)).status_code == 200


def test_a_folder_that_takes_no_files_paints_nothing(
    app: Flask, client: Browser, folder: Path, painted: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    assert fetched(client, address(add_concert().id)).status_code == 503
    assert painted == [] and [file.name for file in folder.iterdir()] == [poster_previews.LOCK]


def test_another_name_leads_to_the_present_picture_and_paints_nothing(
    app: Flask, client: Browser, painted: list[int]
) -> None:
    concert = add_concert().id
    for name in ("0" * 32, "x", "%2e%2e%2fsecret_key"):
        answer = fetched(client, f"/concerts/{concert}/preview-{name}.png")
        assert answer.status_code in (302, 404) and painted == []
        assert answer.status_code == 404 or answer.headers["Location"] == address(concert)
    assert fetched(client, f"/concerts/4711/preview-{'0' * 32}.png").status_code == 404


def test_an_uploaded_poster_is_the_picture(app: Flask, client: Browser, folder: Path, painted: list[int]) -> None:
    written = io.BytesIO()
    Image.new("RGB", (600, 800), (200, 40, 40)).save(written, "PNG")
    stem = posters.keep(written.getvalue(), "a.png", folder)
    first, second = (add_concert(poster=stem).id for _ in range(2))
    shown = Image.open(io.BytesIO(fetched(client, address(first, stem)).data)).convert("RGB")
    middle, edge = shown.getpixel((600, 315)), shown.getpixel((5, 315))
    assert isinstance(middle, tuple) and isinstance(edge, tuple)
    assert middle[0] > 180 and 70 < edge[0] < 110 and painted == []
    # The same poster of another concert is the same file.
    assert fetched(client, address(second, stem)).status_code == 200
    assert len(list(folder.glob("*-preview.png"))) == 1


def test_a_poster_whose_files_are_gone_has_no_picture(app: Flask, client: Browser, folder: Path) -> None:
    stem = "a" * 32
    assert fetched(client, address(add_concert(poster=stem).id, stem)).status_code == 404
