"""What was made by others is exactly what its manifest says, and carries its licence."""

import hashlib
import json
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[2] / "cashticket" / "static" / "vendor"
PACKAGES = json.loads((VENDOR / "vendor.json").read_text())


def test_every_vendored_file_is_byte_for_byte_the_one_in_the_manifest() -> None:
    for package in PACKAGES:
        for name, file in package["files"].items():
            content = (VENDOR / package["folder"] / name).read_bytes()
            assert hashlib.sha256(content).hexdigest() == file["sha256"], f"{package['folder']}/{name} was changed"


def test_nothing_is_vendored_without_being_in_the_manifest() -> None:
    listed = {f"{package['folder']}/{name}" for package in PACKAGES for name in package["files"]} | {"vendor.json"}
    assert {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()} == listed


def test_every_package_names_its_source_and_brings_its_licence() -> None:
    for package in PACKAGES:
        assert package["version"] in package["folder"] and package["version"] in package["source"]
        assert package["integrity"].startswith("sha512-") and package["licence"]
        assert "LICENSE" in package["files"]
