"""Commands for a cluster: each goes to the node that has the slot of its key, and the replies are put together again.

A node that does not have a slot (MOVED, ASK) says so instead of carrying a command out. So such a command is sent once
more, where the node says. Nothing else is ever sent twice.
"""

from collections.abc import Callable, Sequence
from typing import Any, cast

import redis
from redis.exceptions import AskError, ClusterDownError, MovedError, ReadOnlyError

from cashticket.engine.cluster import ClusterClient
from cashticket.engine.confirming import MARK, Confirmation, mark_beside
from cashticket.engine.errors import OutcomeUnknown, StoreUnavailable
from cashticket.engine.packing import Packed
from cashticket.engine.slots import Address, slot_of
from cashticket.engine.store_identity import Argument, Command
from cashticket.logs.failures import failure_text

Further = Callable[[Sequence[Any]], Sequence[Command]]
"""What to send after these replies; nothing for nothing."""

Exchange = Callable[[redis.Redis, Sequence[Command], Further | None], list[Any]]
"""Sends commands to one node and returns their replies, `connection.exchange`."""

Unit = list[int]
"""Places of a command and of what belongs to it, such as a confirmation behind a write."""

KEY_PLACES = {"EVAL": 3, "EVALSHA": 3}
ASKING: Command = ("ASKING",)


def routed(
    cluster: ClusterClient, commands: Sequence[Command], further: Further | None, exchange: Exchange
) -> list[Any]:
    """The replies to commands that have keys, in their order, each sent to its node. `further` ones are for commands
    of one slot.

    Raises StoreUnavailable when no command was carried out, OutcomeUnknown when some may have been.
    """
    commands, units = _units(commands)
    further = further and _marked(further, _key(commands[0]))
    replies: dict[int, Any] = {}
    for address, places in _by_node(cluster, commands, units).items():
        try:
            answers = _answers_of(cluster, address, [commands[place] for place in places], further, exchange)
        except StoreUnavailable as error:
            if replies:
                raise OutcomeUnknown(f"a part of the cluster did not answer: {failure_text(error)}") from error
            raise
        replies |= dict(zip([*places, *range(len(commands), len(commands) + len(answers))], answers, strict=False))
    for unit in units:
        if isinstance(replies[unit[0]], (MovedError, AskError)):
            replies |= _once_more(cluster, replies[unit[0]], commands, unit, further, exchange)
    return [replies[place] for place in sorted(replies)]


def _answers_of(
    cluster: ClusterClient, address: Address, commands: Sequence[Command], further: Further | None, exchange: Exchange
) -> list[Any]:
    with cluster.talking_to(address) as node:
        replies = exchange(node, commands, further)
    if any(isinstance(reply, (ClusterDownError, ReadOnlyError)) for reply in replies):
        cluster.doubt(address)
    return replies


def _once_more(
    cluster: ClusterClient,
    moved: AskError,
    commands: Sequence[Command],
    unit: Unit,
    further: Further | None,
    exchange: Exchange,
) -> dict[int, Any]:
    """The replies of the node that has the slot now. Another such answer stays as it is."""
    named = (moved.host, moved.port) if moved.host else None
    slots = cluster.ask_slots(named)
    sent = [commands[place] for place in unit]
    if isinstance(moved, MovedError):
        address = named or slots.primary(moved.slot_id) or _nowhere(moved.slot_id)
        answers = _answers_of(cluster, address, sent, further, exchange)
    else:
        # A slot that is on its way: the map still names the node that it leaves.
        answers = _answers_of(cluster, named or _nowhere(moved.slot_id), [ASKING, *sent], None, exchange)[1:]
    return dict(zip([*unit, *range(len(commands), len(commands) + len(answers))], answers, strict=False))


def _units(commands: Sequence[Command]) -> tuple[list[Command], list[Unit]]:
    """The commands as a cluster takes them, and which of them belong together."""
    units: list[Unit] = []
    taken: list[Command] = []
    for place, command in enumerate(commands):
        if command == MARK or isinstance(command, Confirmation):
            units[-1].append(place)
            command = mark_beside(_key(taken[units[-1][0]])) if command == MARK else command
        else:
            units.append([place])
        taken.append(command)
    return taken, units


def _marked(further: Further, key: str) -> Further:
    return lambda replies: [mark_beside(key) if command == MARK else command for command in further(replies)]


def _by_node(cluster: ClusterClient, commands: Sequence[Command], units: Sequence[Unit]) -> dict[Address, list[int]]:
    slots = cluster.slots()
    places: dict[Address, list[int]] = {}
    for unit in units:
        slot = slot_of(_key(commands[unit[0]]))
        places.setdefault(slots.primary(slot) or _nowhere(slot), []).extend(unit)
    return places


def _nowhere(slot: int) -> Address:
    raise StoreUnavailable(f"no node of the live store's cluster has slot {slot}")


def _key(command: Command) -> str:
    """The first key of a command."""
    assert not isinstance(command, Confirmation), "it belongs to the command before it"
    head: Argument = command[0]
    if isinstance(head, Packed):
        return head.key
    return cast(str, command[KEY_PLACES.get(cast(str, head), 1)])
