"""A hub that reaches the store through a recorder, and what it sent there."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from cashticket.engine.connection import connect
from cashticket.engine.redis_engine import RedisEngine
from cashticket.engine.scripts import Script
from cashticket.live.hub import Hub
from cashticket.live.update import Rendering
from lab.servers.reply_dropper import ReplyDropper
from tests.staging.watchers import plain_rendering

COMMAND = re.compile(rb"\*\d+\r\n\$\d+\r\n([A-Za-z]+)\r\n(?:\$\d+\r\n([^\r]*))?")
RUNS = ("EVALSHA", "EVAL")
# What each new connection sends once.
CONNECTING = {"HELLO", "CLIENT", "INFO"}


@contextmanager
def hub_on(url: str, rendering: Rendering = plain_rendering) -> Iterator[Hub]:
    """A hub that reaches the store only by `url`."""
    with connect(url) as client:
        hub = Hub(RedisEngine(client), lambda: connect(url), rendering)
        try:
            yield hub
        finally:
            hub.stop()


def commands(proxy: ReplyDropper) -> Counter[str]:
    """How often the hub sent each command; scripts are counted by their verb."""
    verbs = {Script(verb).sha: verb for verb in ("read", "places", "rows")}
    matches = COMMAND.findall(b"".join(list(proxy.requests)))
    sent = [(name.decode().upper(), argument.decode(errors="replace")) for name, argument in matches]
    return Counter(verbs.get(argument, argument) if name in RUNS else name for name, argument in sent)
