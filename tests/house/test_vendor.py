"""Files of other people that we ship or test with: each is on a manifest, with its licence,
and is what the manifest says."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.house.source import PRODUCT, templates

ROOMS = (PRODUCT / "static" / "vendor", Path(__file__).resolve().parents[1] / "browser" / "vendor")
MANIFESTS: dict[Path, list[dict[str, Any]]] = {
    room: json.loads((room / "vendor.json").read_text(encoding="utf-8")) for room in ROOMS
}
PACKAGES = [pytest.param(room, package, id=package["name"]) for room in ROOMS for package in MANIFESTS[room]]


@pytest.mark.parametrize(("room", "package"), PACKAGES)
def test_every_vendored_file_is_what_the_manifest_says(room: Path, package: dict[str, Any]) -> None:
    for name, facts in package["files"].items():
        content = (room / package["folder"] / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == facts["sha256"], f"{package['folder']}/{name} was changed"


@pytest.mark.parametrize(("room", "package"), PACKAGES)
def test_every_package_tells_where_it_is_from_and_under_which_licence(room: Path, package: dict[str, Any]) -> None:
    for fact in ("version", "licence", "source", "integrity"):
        assert package[fact]
    assert package["version"] in package["folder"]
    assert any(name.upper().startswith("LICEN") for name in package["files"])


@pytest.mark.parametrize("room", ROOMS, ids=["shipped", "for tests"])
def test_nothing_lies_in_the_vendor_folder_unlisted(room: Path) -> None:
    listed = {f"{package['folder']}/{name}" for package in MANIFESTS[room] for name in package["files"]}
    assert {path.relative_to(room).as_posix() for path in room.rglob("*") if path.is_file()} == listed | {"vendor.json"}


# The window of PortOne is theirs: it works from their server alone. No other page may load it.
OF_OTHERS = {"me/identity_window.html": ['<script src="https://cdn.portone.io/v2/browser-sdk.js']}


def test_pages_load_nothing_from_other_servers() -> None:
    far = {
        name: found
        for name, text in templates().items()
        if (found := re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"'](?:https?:)?//[^\"']+", text))
    }
    assert far == OF_OTHERS


def test_templates_link_only_files_that_exist() -> None:
    for name, text in templates().items():
        for file in re.findall(r"static_file\([\"']([^\"']+)[\"']\)", text):
            assert (PRODUCT / "static" / file).is_file(), f"{name} links {file}"
