"""Queries that nobody's page has: of programs, of advertisements, of whoever tries to make many copies of a page."""

QUERIES = [
    *(f"q={word}" for word in ("a", "%EB%B4%84", "a%20b", "%25", "x" * 2000, "%00x", "..", "'", "%FF", "*", "a" * 81)),
    *(f"x={number}" for number in range(20)),
    *(f"page={number}" for number in (0, -1, 2, 10**9, "x", "1e3", "%31")),
    *(f"lang={language}" for language in ("fr", "KO", "ko%00", "en-US", "")),
    *("lang=ko&lang=en", "LANG=ko", "lang=ko&x=1", "utm_source=a&utm_medium=b", "fbclid=1", "", "&&&", "a=b=c", "[]=1"),
    *("genre=ballad", "genre=none", "venue=x", "when=today", "when=2026-01-01", "sort=price", "sort=%00"),
]
