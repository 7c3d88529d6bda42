"""Files of other people that we ship: each is on the manifest, with its licence, and is what the manifest says."""

import hashlib
import json
import re
from typing import Any

import pytest

from tests.house.source import PRODUCT, templates

VENDOR = PRODUCT / "static" / "vendor"
PACKAGES: list[dict[str, Any]] = json.loads((VENDOR / "vendor.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package["name"])
def test_every_vendored_file_is_what_the_manifest_says(package: dict[str, Any]) -> None:
    for name, facts in package["files"].items():
        content = (VENDOR / package["folder"] / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == facts["sha256"], f"{package['folder']}/{name} was changed"


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package["name"])
def test_every_package_tells_where_it_is_from_and_under_which_licence(package: dict[str, Any]) -> None:
    for fact in ("version", "licence", "source", "integrity"):
        assert package[fact]
    assert package["version"] in package["folder"]
    assert any(name.upper().startswith("LICEN") for name in package["files"])


def test_nothing_lies_in_the_vendor_folder_unlisted() -> None:
    listed = {f"{package['folder']}/{name}" for package in PACKAGES for name in package["files"]} | {"vendor.json"}
    assert {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()} == listed


def test_pages_load_nothing_from_other_servers() -> None:
    far = {
        name: found
        for name, text in templates().items()
        if (found := re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"'](?:https?:)?//[^\"']+", text))
    }
    assert not far


def test_templates_link_only_files_that_exist() -> None:
    for name, text in templates().items():
        for file in re.findall(r"static_file\([\"']([^\"']+)[\"']\)", text):
            assert (PRODUCT / "static" / file).is_file(), f"{name} links {file}"
