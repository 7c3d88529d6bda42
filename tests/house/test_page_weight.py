"""What a page and everything that it loads weighs on the way to a browser that has nothing of it yet."""

import gzip
import re

import pytest

from tests.house.pages import STATIC, files_of, pages
from tests.house.source import ROOT

# nginx compresses at its lowest level, so this is the most that comes.
LEVEL = 1
COMPRESSED = re.compile(r"\.(css|js|svg)$")
SMALL_BYTES = 1024
# Bytes of all files of a page, compressed. Counted: 98,890 for the auction, 77,528 for the results, at most 49,059 for
# the others. htmx is 15,500 of them, the library of the chart 25,300.
FILES_MAX = {"auctions/show.html": 99_400, "auctions/results.html": 78_000}
OTHER_FILES_MAX = 49_500
# Of the auction page: itself, the reader's own part and the points of the chart, which come as they are. Their limits
# are those of tests/sizes/test_auction_page.py.
AUCTION_TEXTS_MAX = 49_152 + 8_192 + 16_384
AUCTION_MAX = 200_000


def sent(name: str) -> int:
    """Bytes of a static file as it is sent."""
    content = (STATIC / name).read_bytes()
    is_compressed = COMPRESSED.search(name) and len(content) >= SMALL_BYTES
    return len(gzip.compress(content, LEVEL)) if is_compressed else len(content)


@pytest.mark.parametrize("page", pages())
def test_the_files_of_a_page_weigh_little(page: str) -> None:
    weights = {name: sent(name) for name in files_of(page)}
    assert sum(weights.values()) <= FILES_MAX.get(page, OTHER_FILES_MAX), weights


def test_the_auction_page_with_everything_is_at_most_two_hundred_kilobytes() -> None:
    assert FILES_MAX["auctions/show.html"] + AUCTION_TEXTS_MAX <= AUCTION_MAX
    sizes = (ROOT / "tests/sizes/test_auction_page.py").read_text(encoding="utf-8")
    assert {"answer_bytes=49_152", "answer_bytes=8_192", "answer_bytes=16_384"} <= set(
        re.findall(r"answer_bytes=\w+", sizes)
    )


def test_the_proxy_compresses_as_it_is_counted_here() -> None:
    nginx = (ROOT / "nginx.conf").read_text(encoding="utf-8")
    assert "gzip on;" in nginx and f"gzip_min_length {SMALL_BYTES};" in nginx
    assert "gzip_comp_level" not in nginx
    for kind in ("text/css", "text/javascript", "image/svg+xml"):
        assert kind in nginx


def test_only_the_chart_needs_the_drawing_library() -> None:
    drawing = {page for page in pages() if any("uplot" in name for name in files_of(page))}
    assert drawing == set(FILES_MAX)
