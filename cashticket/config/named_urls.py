"""Several URLs in one setting, each with a name: `second=redis://…,third=…`."""

import re

# A URL of sentinels has commas of its own, so a comma parts two stores only before NAME=SCHEME://.
BETWEEN = re.compile(r"[\s,]+(?=[^\s,=/?&]+=[a-z+]+://)")


def named_urls(text: str) -> list[tuple[str, str]]:
    """Name and URL of each store in LIVE_STORES, in its order; the URL is '' where none is given."""
    parts = [part.partition("=") for part in BETWEEN.split(text.strip(" ,")) if part]
    return [(name, url) for name, _, url in parts]
