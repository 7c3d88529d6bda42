"""The icons of the installed app: every one that the manifest names is there, has its size, and looks like the SVG."""

import re
import struct

import pytest

from cashticket.blueprints.operator.well_known import MANIFEST
from lab.icons import BLUE, ICONS, STATIC, Icon, pixel


def listed() -> dict[str, str]:
    """File → size, of the pictures that the manifest names."""
    icons = MANIFEST["icons"]
    assert isinstance(icons, list)
    return {each["src"].removeprefix("/static/"): each["sizes"] for each in icons if each["type"] == "image/png"}


def test_the_manifest_names_the_icons_that_are_drawn() -> None:
    assert listed() == {each.name: f"{each.size}x{each.size}" for each in ICONS}
    assert (STATIC / "icon.svg").exists()


@pytest.mark.parametrize("icon", ICONS, ids=lambda icon: icon.name)
def test_an_icon_is_a_picture_of_its_size(icon: Icon) -> None:
    content = (STATIC / icon.name).read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n"), "make it: python -m lab.icons"
    assert struct.unpack(">II", content[16:24]) == (icon.size, icon.size)


def test_the_icons_have_the_colours_and_the_shape_of_the_svg() -> None:
    svg = (STATIC / "icon.svg").read_text(encoding="utf-8")
    [ground] = re.findall(r'<rect [^>]*fill="#([0-9a-f]{6})"', svg)
    assert bytes.fromhex(ground) == bytes(BLUE)
    round_one, whole = ICONS[1], ICONS[2]
    assert pixel(round_one, 0, 0)[3] == 0 and pixel(whole, 0, 0) == (*BLUE, 255)
    middle = round_one.size // 2
    assert pixel(round_one, middle - 100, middle) == (255, 255, 255, 255), "the ticket is white"
    assert pixel(round_one, middle, 20) == (*BLUE, 255)
    # A phone may cut away all but a circle of 40 % around the middle.
    assert pixel(whole, round(whole.size * 0.1), middle)[:3] == BLUE
