"""Concert pages are cached, so only use cases that drop the cache may change a concert or an auction."""

from tests.house.source import calls, imports, product_modules

# What `work` wraps so that the cache is dropped.
CHANGES = frozenset(
    {
        "cashticket.catalogue.concerts.add_concert",
        "cashticket.catalogue.importing.open_all",
        "cashticket.catalogue.organisers.save",
        "cashticket.catalogue.publishing.extend_auction",
        "cashticket.catalogue.publishing.publish_auction",
        "cashticket.settlement.cancelling.cancel",
        "cashticket.settlement.voiding.void",
    }
)


def test_the_cache_is_dropped_in_one_place() -> None:
    places = {source.path for source in product_modules() for name, _ in calls(source) if name == "drop"}
    assert places == {"cashticket/work/cached_pages.py"}


def test_only_use_cases_change_concerts_and_auctions() -> None:
    changing = {
        f"{source.path}:{found.line} {found.name}"
        for source in product_modules()
        for found in imports(source)
        if found.name in CHANGES and source.room != "work" and found.name.split(".")[1] != source.room
    }
    assert not changing
