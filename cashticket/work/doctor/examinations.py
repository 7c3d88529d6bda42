"""Every examination of the doctor, in the order in which a cause comes before its effects."""

from collections.abc import Iterator, Sequence
from functools import partial

from cashticket.wiring import current_settings
from cashticket.work.doctor import (
    bidding,
    configured,
    database,
    installed,
    machine,
    post,
    primaries,
    processes,
    reading_copy,
    stores,
)
from cashticket.work.doctor.examining import Examination

READ_AGAIN = "run the command once more; if it says so again, somebody who works on the program has to look"
START_STORE = "look whether the machine of the store is overloaded or cut off"
BOTH = ("live store", "schema")


def examinations(unencrypted: Sequence[str]) -> tuple[Examination, ...]:
    """All of them. `unencrypted` has a sentence for each link to another machine without TLS."""
    return (*_of_parts(unencrypted), *_of_work())


def _of_parts(unencrypted: Sequence[str]) -> tuple[Examination, ...]:
    roles = "look whether this machine can look names of hosts up"
    disks = "a disk does not answer: look at the system's log (`dmesg`)"
    return (
        Examination(("python", "packages"), installed.look, READ_AGAIN),
        Examination(configured.NAMES, configured.looking(unencrypted), READ_AGAIN),
        Examination(database.NAMES, database.look, database.START),
        Examination(database.SCHEMA_NAMES, database.look_at_schema, database.START, ("database",)),
        Examination(reading_copy.NAMES, reading_copy.look, reading_copy.START, ("database", "schema"), seconds=12),
        *_of_live_stores(),
        Examination(stores.QUEUE_NAMES, stores.look_at_queue_store, START_STORE),
        Examination(("store roles",), stores.look_at_roles, roles),
        Examination(("disks",), machine.look_at_disks, disks, seconds=3),
        Examination(("certificate",), machine.look_at_certificate, "look at the network and at nginx"),
    )


def _of_live_stores() -> Iterator[Examination]:
    for name in current_settings().store_urls:
        yield Examination(stores.live_names(name), partial(primaries.look_at_live_store, name), START_STORE)
    yield Examination(("live stores",), stores.look_at_twins, START_STORE)


def _of_work() -> tuple[Examination, ...]:
    return (
        Examination(
            processes.NAMES, processes.look_at_processes, "look at the rights of WITNESS_DIR", ("queue store",)
        ),
        Examination(processes.WORKER_NAMES, processes.look_at_workers, "see `queue store`", ("queue store",)),
        Examination(("recording",), bidding.look_at_recording, "see `live store`", ("live store",)),
        Examination(("set aside",), bidding.look_at_set_aside, "see `database`", ("schema",)),
        Examination(("auctions", "pauses"), bidding.look_at_auctions, "see `live store` and `database`", BOTH),
        Examination(("closing",), bidding.look_at_closing, "see `live store` and `database`", BOTH),
        Examination(("checks",), bidding.look_at_checks, "see `database`", ("schema",)),
        Examination(post.NAMES, post.look_at_outbox, "see `database`", ("schema",)),
        Examination(("mail server",), post.look_at_server, post.OTHER_CODE, ("queue store",)),
    )
