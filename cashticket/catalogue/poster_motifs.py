"""The shapes of drawn posters: seven motifs, each a few SVG elements from a seeded random generator.

A motif takes the generator and the poster's colours and returns markup for the upper part of a 600 by 800 sheet.
Colours are attributes, not styles, so that a strict Content-Security-Policy allows them.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Colours:
    """`deep` and `mid` colour the background, `glow` and `spark` the shapes."""

    deep: str
    mid: str
    glow: str
    spark: str


Motif = Callable[[Random, Colours], str]

PALETTES = (
    Colours("#1b1035", "#5b2a86", "#ff8fa3", "#ffd166"),
    Colours("#06202b", "#0f5c6e", "#5eead4", "#fde68a"),
    Colours("#2a0a12", "#8c1c3c", "#ff9e6d", "#ffe1a8"),
    Colours("#0b1433", "#2746a6", "#7dd3fc", "#f9a8d4"),
    Colours("#10241a", "#2f6b46", "#bef264", "#fef3c7"),
    Colours("#2b1405", "#a3450f", "#fdba74", "#fff1c9"),
    Colours("#150f2e", "#3d3a8c", "#a5b4fc", "#6ee7b7"),
    Colours("#1f0a24", "#86198f", "#f0abfc", "#a5f3fc"),
    Colours("#0d1b1e", "#31525b", "#ffb38a", "#f6f0d8"),
    Colours("#26080b", "#7f1d1d", "#fca5a5", "#fcd34d"),
    Colours("#071a2f", "#0e4b7a", "#fbbf77", "#e0f2fe"),
)


def rings(dice: Random, colours: Colours) -> str:
    """A record on a turntable, off centre."""
    x, y = dice.choice(((300, 250), (430, 210), (170, 230)))
    parts = [_circle(x, y, 330, colours.mid, 0.55)]
    for number, radius in enumerate(range(60, 330, 18)):
        dash = f"{dice.randint(40, 300)} {dice.randint(14, 90)}"
        colour = colours.glow if number % 3 else colours.spark
        parts.append(
            f'<circle cx="{x}" cy="{y}" r="{radius}" fill="none" stroke="{colour}" stroke-width="{2 + number % 4}" '
            f'stroke-opacity="{0.3 + 0.5 * dice.random():.2f}" stroke-dasharray="{dash}" stroke-linecap="round"/>'
        )
    return "".join([*parts, _circle(x, y, 42, colours.spark, 1), _circle(x, y, 9, colours.deep, 1)])


def hills(dice: Random, colours: Colours) -> str:
    """A low sun behind rows of hills."""
    parts = [_circle(dice.randint(180, 420), 230, dice.randint(95, 135), colours.spark, 0.95)]
    for number in range(6):
        ground, wave = 270 + 52 * number, dice.randint(18, 46)
        turn, speed = dice.random() * math.tau, dice.uniform(0.006, 0.014)
        edge = " ".join(f"L{x} {ground + wave * math.sin(turn + speed * x):.0f}" for x in range(0, 601, 20))
        colour = colours.glow if number % 2 == 0 else colours.mid
        parts.append(f'<path d="M0 800 {edge} L600 800Z" fill="{colour}" fill-opacity="{0.28 + 0.09 * number:.2f}"/>')
    return "".join(parts)


def beams(dice: Random, colours: Colours) -> str:
    """Stage lamps with beams of light."""
    parts = []
    for lamp in range(5):
        x, lean, wide = 60 + 120 * lamp, dice.randint(-200, 200), dice.randint(70, 140)
        colour = colours.spark if lamp % 2 else colours.glow
        parts.append(
            f'<path d="M{x} 0L{x + lean - wide} 800H{x + lean + wide}Z" fill="{colour}" '
            f'fill-opacity="{dice.uniform(0.16, 0.34):.2f}"/>'
        )
        parts.append(_circle(x, 0, 16, colours.spark, 0.95))
    parts += [
        _circle(dice.randint(0, 600), dice.randint(40, 520), dice.randint(2, 7), colours.spark, 0.7) for _ in range(46)
    ]
    return "".join(parts)


def bars(dice: Random, colours: Colours) -> str:
    """Level bars, as on a mixing desk."""
    parts = []
    for number in range(19):
        swell = 0.35 + 0.65 * math.sin(math.pi * (number + 0.5) / 19)
        half = (40 + 200 * dice.random()) * swell
        colour = colours.spark if dice.random() < 0.25 else colours.glow
        parts.append(
            f'<rect x="{24 + 29.5 * number:.1f}" y="{270 - half:.0f}" width="17" height="{2 * half:.0f}" rx="8.5" '
            f'fill="{colour}" fill-opacity="{dice.uniform(0.65, 1):.2f}"/>'
        )
    return "".join(parts)


def ribbons(dice: Random, colours: Colours) -> str:
    """Strings that swing side by side."""
    begin, end, first, second = (dice.randint(-40, 400) for _ in range(4))
    return "".join(
        f'<path d="M-20 {begin + 13 * number}C180 {first + 6 * number} 400 {second + 20 * number} '
        f'620 {end + 9 * number}" fill="none" stroke="{colours.spark if number % 5 == 0 else colours.glow}" '
        f'stroke-width="{1.5 + number % 4}" stroke-opacity="{0.5 + 0.025 * number:.2f}"/>'
        for number in range(20)
    )


def moons(dice: Random, colours: Colours) -> str:
    """Large overlapping discs."""
    parts = []
    for number in range(5):
        colour = (colours.glow, colours.spark, colours.mid)[number % 3]
        radius = dice.randint(90, 190)
        parts.append(_circle(dice.randint(80, 520), dice.randint(90, 420), radius, colour, 0.42))
    parts.append(_circle(dice.randint(180, 420), dice.randint(150, 320), 74, colours.spark, 1))
    return "".join(parts)


def dots(dice: Random, colours: Colours) -> str:
    """A glowing light in halftone dots."""

    def grown() -> Iterator[str]:
        x0, y0 = dice.randint(150, 450), dice.randint(140, 320)
        for y in range(20, 600, 26):
            for x in range(13 + (y // 26 % 2) * 13, 600, 26):
                size = 13 * math.exp(-(((x - x0) ** 2 + (y - y0) ** 2) / 52_000))
                if size > 1:
                    colour = colours.spark if (x - x0) ** 2 + (y - y0) ** 2 < 12_000 else colours.glow
                    yield _circle(x, y, round(size, 1), colour, 0.9)

    return "".join(grown())


MOTIFS: tuple[Motif, ...] = (rings, hills, beams, bars, ribbons, moons, dots)


def look_of(concert_id: int) -> tuple[str, Colours]:
    """The shapes of this concert's drawn poster, as markup, and its colours. Always the same for the same concert."""
    motif, colours = MOTIFS[concert_id % len(MOTIFS)], PALETTES[concert_id * 3 % len(PALETTES)]
    return motif(Random(concert_id), colours), colours


def _circle(x: float, y: float, radius: float, colour: str, opacity: float) -> str:
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{colour}" fill-opacity="{opacity}"/>'
