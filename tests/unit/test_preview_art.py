"""The picture beside a shared link, as it is painted from a poster."""

from pathlib import Path

import pytest
from PIL import Image

from cashticket.catalogue import poster_previews, preview_art
from cashticket.catalogue.poster_motifs import MOTIFS, look_of
from cashticket.catalogue.preview_art import SHAPE, SIZE


@pytest.mark.parametrize("concert_id", range(len(MOTIFS)))
def test_every_drawn_poster_gives_a_picture_of_its_shapes(concert_id: int) -> None:
    painted = preview_art.of_shapes(concert_id)
    assert painted.size == SIZE and painted.mode == "RGB"
    rows = [painted.crop((0, top, SIZE[0], top + 1)).getcolors(SIZE[0]) or () for top in range(0, SIZE[1], 10)]
    # The ground alone has one colour in each row.
    assert sum(len(colours) > 1 for colours in rows) > len(rows) / 3
    assert painted.tobytes() == preview_art.of_shapes(concert_id).tobytes()


@pytest.mark.parametrize("number", range(len(MOTIFS) * 3))
def test_nothing_of_a_motif_is_left_out(number: int) -> None:
    markup, _ = look_of(number)
    assert SHAPE.sub("", markup) == "" and SHAPE.search(markup)


@pytest.mark.parametrize("size", [(640, 853), (200, 600), (600, 200), (320, 240)])
def test_an_uploaded_poster_is_shown_whole(tmp_path: Path, size: tuple[int, int]) -> None:
    file = tmp_path / "poster.jpg"
    Image.new("RGB", size, "white").save(file)
    painted = preview_art.of_picture(file)
    white = [count for count, colour in painted.getcolors(2**20) or () if colour == (255, 255, 255)]
    scale = min(SIZE[0] / size[0], SIZE[1] / size[1])
    assert painted.size == SIZE and sum(white) == pytest.approx(size[0] * scale * size[1] * scale, rel=0.01)


def test_a_picture_is_named_by_what_it_is_painted_from() -> None:
    assert poster_previews.name_of(1, None) != poster_previews.name_of(2, None)
    assert poster_previews.name_of(1, "a" * 32) == poster_previews.name_of(2, "a" * 32)
    assert len(poster_previews.name_of(1, None)) == 32
