"""Which process of the live store a connection speaks to: asked once, when the connection is made.

A connection ends with the process at its other side, so what it was told holds for as long as it lives. Commands carry
it where they have ANSWERING: a script then knows a store that was checked from one that was started anew, perhaps with
an older copy of everything, and a bid needs no second round trip for that.
"""

from collections.abc import Sequence
from typing import Any, Final, final


@final
class Answering:
    """The type of ANSWERING alone."""


ANSWERING: Final = Answering()
"""Stands in a command for the identity of the process that answers it."""

Word = str | int | Answering
Command = Sequence[Word]


def identity(run_id: str, role: str) -> str:
    """A text that changes when another process answers, or this one in another role."""
    return f"{run_id} {role}"


def fields(text: str) -> dict[str, str]:
    """The lines `name:value` of an answer to INFO."""
    return {name: value for name, _, value in (line.partition(":") for line in text.splitlines()) if value}


def greet(connection: Any) -> None:
    """Set up a new connection and learn who answers on it. Raises RedisError; then it is not used."""
    connection.on_connect()
    asked = connection.pack_commands([("INFO", "server"), ("INFO", "replication")])
    connection.send_packed_command(asked, check_health=False)
    told = fields(connection.read_response()) | fields(connection.read_response())
    connection.process_of_the_store = identity(told.get("run_id", ""), told.get("role", ""))


def filled(connection: Any, commands: Sequence[Command]) -> list[list[str | int]]:
    """The commands as they leave on this connection. Raises RedisError when it does not learn who answers."""
    return [[_answering(connection) if isinstance(word, Answering) else word for word in each] for each in commands]


def _answering(connection: Any) -> str:
    if connection.redis_connect_func is not greet:
        # `connect` did not make this client: its connections learn to ask when they are first used here.
        connection.redis_connect_func = greet
        connection.disconnect()
        connection.connect()
    known: str = connection.process_of_the_store
    return known
