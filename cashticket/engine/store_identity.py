"""The identity of the live store's process: read once for each connection, sent with the commands that need it.

With it comes whether this process knows WAITAOF, by which its replicas confirm that they have a write on disk.

A connection ends with the process at its other side, so what was read once holds as long as the connection. Scripts
compare the identity with the one on which an auction was last checked. So they notice a store that was restarted,
perhaps with older data, and a bid needs no second round trip for that.
"""

from collections.abc import Sequence
from typing import Any, Final, cast, final

from cashticket.engine.confirming import Confirmation
from cashticket.engine.packing import Packed


@final
class IdentityPlaceholder:
    """The type of STORE_IDENTITY alone."""


STORE_IDENTITY: Final = IdentityPlaceholder()
"""Stands in a command where the identity of the process belongs; `with_identity` fills it in."""

Argument = str | int | Packed | IdentityPlaceholder
Command = Sequence[Argument] | Confirmation
Sent = Sequence[str | int | Packed]
"""A command as a connection sends it."""

WAITAOF_SINCE = (7, 2)
"""The version of Redis, also as Valkey reports it, from which replicas confirm what is on their disk."""


def identity(run_id: str, role: str) -> str:
    """A text that changes when another process answers, or this one in another role."""
    return f"{run_id} {role}"


def info_fields(text: str) -> dict[str, str]:
    """The lines `name:value` of an answer to INFO."""
    rows = (text_line.partition(":") for text_line in text.splitlines())
    return {name: value for name, _, value in rows if value}


def read_identity(connection: Any) -> None:
    """Set up a new connection and keep the identity of its process on it. Raises RedisError; then it is not used."""
    connection.on_connect()
    commands = connection.pack_commands([("INFO", "server"), ("INFO", "replication")])
    connection.send_packed_command(commands, check_health=False)
    info = info_fields(connection.read_response()) | info_fields(connection.read_response())
    connection.store_identity = identity(info.get("run_id", ""), info.get("role", ""))
    connection.confirms_disk = _version(info.get("redis_version", "")) >= WAITAOF_SINCE


def with_identity(connection: Any, commands: Sequence[Command]) -> list[Sent]:
    """The commands as this connection sends them: every STORE_IDENTITY filled in, every Confirmation as one or two
    commands. Raises RedisError when the process cannot be asked."""
    return [sent for command in commands for sent in _commands(connection, command)]


def _commands(connection: Any, command: Command) -> Sequence[Sent]:
    if isinstance(command, Confirmation):
        _ask_identity(connection)
        return command.commands(on_disk=connection.confirms_disk)
    if STORE_IDENTITY not in command:
        return [cast(Sent, command)]
    identity = _identity_of(connection)
    # There is one placeholder only, so it is known by being it.
    return [cast(Sent, [identity if argument is STORE_IDENTITY else argument for argument in command])]


def _identity_of(connection: Any) -> str:
    _ask_identity(connection)
    text: str = connection.store_identity
    return text


def _ask_identity(connection: Any) -> None:
    if connection.redis_connect_func is not read_identity:
        # This client was not made by `connect`, so its connections start to ask when they are first used here.
        connection.redis_connect_func = read_identity
        connection.disconnect()
        connection.connect()


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())
