"""Posters: a drawn one for every concert, and pictures under the hash of their content."""

import io
import json
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image

from tests.fixtures.people import Browser
from tests.staging.rows import add_concert


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "poster.png"
    Image.new("RGB", (700, 900), "navy").save(path)
    return path


def add_with_poster(app: Flask, picture: Path) -> dict[str, object]:
    options = (
        "--title",
        "A",
        "--artist",
        "B",
        "--venue",
        "C",
        "--starts",
        "2041-04-10T19:00",
        "--poster",
        str(picture),
    )
    result = app.test_cli_runner().invoke(args=["concert", "add", *options, "--json"])
    assert result.exit_code == 0, result.output
    added: dict[str, object] = json.loads(result.stdout)
    return added


def test_a_concert_without_a_poster_shows_the_drawn_one(client: Browser) -> None:
    concert = add_concert(title="<Night>")
    assert f'src="/concerts/{concert.id}/poster.svg"' in client.get(f"/concerts/{concert.id}").get_data(as_text=True)
    answer = client.get(f"/concerts/{concert.id}/poster.svg")
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert "&lt;Night&gt;" in answer.get_data(as_text=True)


def test_a_drawn_poster_may_be_cached_and_is_revalidated_by_its_etag(client: Browser) -> None:
    path = f"/concerts/{add_concert().id}/poster.svg"
    first = client.get(path)
    assert first.cache_control.public and first.cache_control.max_age == 86_400
    assert "Set-Cookie" not in first.headers and "Cookie" not in first.headers.get("Vary", "")
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and not again.data


def test_a_poster_is_shown_in_the_sizes_that_are_kept(app: Flask, client: Browser, picture: Path) -> None:
    added = add_with_poster(app, picture)
    text = client.get(f"/concerts/{added['id']}").get_data(as_text=True)
    for width, kind in ((320, "webp"), (640, "webp"), (1280, "webp"), (640, "jpg")):
        path = f"/posters/{added['poster']}-{width}.{kind}"
        assert path in text
        answer = client.get(path, buffered=True)
        assert answer.status_code == 200 and answer.mimetype == {"jpg": "image/jpeg", "webp": "image/webp"}[kind]
        assert answer.cache_control.max_age == 31_536_000 and answer.cache_control.immutable
        assert Image.open(io.BytesIO(answer.data)).width == min(width, 700)


@pytest.mark.parametrize(
    "name", [f"{'a' * 32}-640.webp", "..%2f..%2fsecret_key", "%2e%2e/secret_key", ".hidden", "x" * 300]
)
def test_other_files_are_not_served(app: Flask, client: Browser, name: str) -> None:
    folder = app.extensions["settings"].posters
    folder.mkdir(parents=True)
    (folder / ".hidden").write_text("secret")
    assert client.get(f"/posters/{name}").status_code == 404


def test_a_file_that_is_no_picture_adds_no_concert(app: Flask, client: Browser, tmp_path: Path) -> None:
    (tmp_path / "poster.png").write_bytes(b"<svg/>")
    options = ("--title", "A", "--artist", "B", "--venue", "C", "--starts", "2041-04-10T19:00")
    words = ["concert", "add", *options, "--poster", str(tmp_path / "poster.png")]
    result = app.test_cli_runner().invoke(args=words)
    assert result.exit_code == 1 and "no JPEG, PNG or WebP" in result.stderr
    assert json.loads(app.test_cli_runner().invoke(args=["concert", "list", "--json"]).stdout) == []
