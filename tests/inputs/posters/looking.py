"""Looks at pixels of a picture."""

from PIL import Image

Place = tuple[float, float]


def colour_at(image: Image.Image, place: Place) -> tuple[int, int, int]:
    """The mean colour around a place, given as fractions of width and height."""
    x, y = round(image.width * place[0]), round(image.height * place[1])
    mean = image.crop((x - 8, y - 8, x + 8, y + 8)).resize((1, 1), Image.Resampling.BOX).tobytes()
    return mean[0], mean[1], mean[2]


def is_near(one: tuple[int, ...], other: tuple[int, ...], difference: int = 7) -> bool:
    return all(abs(first - second) <= difference for first, second in zip(one, other, strict=True))


def halves(image: Image.Image) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """The colours in the middle of the left and of the right half."""
    return colour_at(image, (0.25, 0.5)), colour_at(image, (0.75, 0.5))


def corners(image: Image.Image) -> str:
    """The colours of the quarters in reading order, a letter each: R, G, B, W."""
    places = ((0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75))
    letters = {(200, 0, 0): "R", (0, 200, 0): "G", (0, 0, 200): "B", (255, 255, 255): "W"}
    return "".join(
        next((letter for colour, letter in letters.items() if is_near(colour_at(image, place), colour, 40)), "?")
        for place in places
    )
