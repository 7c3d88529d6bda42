"""Paints the picture beside a shared link: the poster as it is on a ground of its own colour, or the shapes of the
drawn poster across the whole picture.

The shapes are our own markup (`poster_motifs`), read here as circles, boxes and paths; nobody's text is in it. Words
are left out: the link's title stands beside the picture, and no font with Hangul comes with the product.
"""

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING

from cashticket.catalogue.poster_motifs import Colours, look_of

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

SIZE = WIDTH, HEIGHT = 1200, 630
# The part of a drawn poster, 600 units wide, that is shown: it begins so many units below its top.
TOP = 95
# Shapes are painted at twice the size and made smaller, so that their edges are smooth.
FINER = 2
UNIT = WIDTH / 600 * FINER
CURVE_STEPS = 40
SHAPE = re.compile(r"<(circle|rect|path) ([^>]*)/>")
FACT = re.compile(r'([\w-]+)="([^"]*)"')
MARK = re.compile(r"[MLHCZ]|-?[\d.]+")

Facts = dict[str, str]
Point = tuple[float, float]
Colour = tuple[int, int, int, int]


def of_picture(file: Path) -> "Image":
    """The stored picture in `file`, whole, in the middle of a ground of its mean colour, darkened."""
    from PIL import Image, ImageOps

    with Image.open(file) as opened:
        poster = ImageOps.contain(opened.convert("RGB"), SIZE, Image.Resampling.LANCZOS)
    mean = poster.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    assert isinstance(mean, tuple)
    painted = Image.new("RGB", SIZE, tuple(round(level * 0.45) for level in mean))
    painted.paste(poster, ((WIDTH - poster.width) // 2, (HEIGHT - poster.height) // 2))
    return painted


def of_shapes(concert_id: int) -> "Image":
    """The shapes of the drawn poster of this concert. The same concert always gets the same picture."""
    from PIL import Image, ImageDraw

    shapes, colours = look_of(concert_id)
    painted = _ground(colours)
    brush = ImageDraw.Draw(painted, "RGBA")
    for kind, facts in SHAPE.findall(shapes):
        _SHAPES[kind](brush, dict(FACT.findall(facts)))
    return painted.resize(SIZE, Image.Resampling.BOX)


def _ground(colours: Colours) -> "Image":
    """From the lighter colour at the top to the deep one below."""
    from PIL import Image

    size = (WIDTH * FINER, HEIGHT * FINER)
    return Image.composite(
        Image.new("RGB", size, colours.deep),
        Image.new("RGB", size, colours.mid),
        Image.linear_gradient("L").resize(size),
    )


def _circle(brush: "ImageDraw", facts: Facts) -> None:
    x, y = _at(float(facts["cx"]), float(facts["cy"]))
    radius = float(facts["r"]) * UNIT
    box = (x - radius, y - radius, x + radius, y + radius)
    if facts["fill"] != "none":
        brush.ellipse(box, fill=_colour(facts, "fill"))
        return
    dash, gap = (math.degrees(float(length) * UNIT / radius) for length in facts["stroke-dasharray"].split())
    start = 0.0
    while start < 360:
        end = min(start + dash, 360)
        brush.arc(box, start, end, fill=_colour(facts, "stroke"), width=_stroke_width(facts))
        start = end + gap


def _box(brush: "ImageDraw", facts: Facts) -> None:
    x, y, width, height, radius = (float(facts[name]) for name in ("x", "y", "width", "height", "rx"))
    brush.rounded_rectangle((*_at(x, y), *_at(x + width, y + height)), radius * UNIT, fill=_colour(facts, "fill"))


def _path(brush: "ImageDraw", facts: Facts) -> None:
    points = _points(facts["d"])
    if facts["fill"] == "none":
        brush.polygon(_band(points, _stroke_width(facts) / 2), fill=_colour(facts, "stroke"))
    else:
        brush.polygon(points, fill=_colour(facts, "fill"))


_SHAPES = {"circle": _circle, "rect": _box, "path": _path}


def _points(drawn: str) -> list[Point]:
    """The corners of a path, and points along its curve."""
    marks = iter(MARK.findall(drawn))
    points: list[Point] = []
    for mark in marks:
        if mark in ("M", "L"):
            points.append((float(next(marks)), float(next(marks))))
        elif mark == "H":
            points.append((float(next(marks)), points[-1][1]))
        elif mark == "C":
            a, b, c = ((float(next(marks)), float(next(marks))) for _ in range(3))
            points += _curve(points[-1], a, b, c)
    return [_at(x, y) for x, y in points]


def _curve(start: Point, first: Point, second: Point, end: Point) -> list[Point]:
    """Points of a cubic Bézier curve, without its start."""
    weights = [
        ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        for t in (step / CURVE_STEPS for step in range(1, CURVE_STEPS + 1))
    ]
    corners = (start, first, second, end)
    return [
        (
            sum(weight * corner[0] for weight, corner in zip(each, corners, strict=True)),
            sum(weight * corner[1] for weight, corner in zip(each, corners, strict=True)),
        )
        for each in weights
    ]


def _band(points: list[Point], half: float) -> list[Point]:
    """The outline of a line of twice `half`. As one shape no part of it is painted twice."""
    one, other = [], []
    for before, point, after in zip([points[0], *points], points, [*points[1:], points[-1]], strict=False):
        along_x, along_y = after[0] - before[0], after[1] - before[1]
        length = math.hypot(along_x, along_y) or 1.0
        aside = (-along_y / length * half, along_x / length * half)
        one.append((point[0] + aside[0], point[1] + aside[1]))
        other.append((point[0] - aside[0], point[1] - aside[1]))
    return one + other[::-1]


def _at(x: float, y: float) -> Point:
    return x * UNIT, (y - TOP) * UNIT


def _stroke_width(facts: Facts) -> int:
    return round(float(facts["stroke-width"]) * UNIT)


def _colour(facts: Facts, name: str) -> Colour:
    """The colour that is called `name`, with its opacity."""
    digits = facts[name].lstrip("#")
    red, green, blue = (int(digits[place : place + 2], 16) for place in (0, 2, 4))
    return red, green, blue, round(255 * min(1.0, float(facts[f"{name}-opacity"])))
