"""Live store and queue store: whether they answer, keep what they have answered, have memory, and know the time."""

from collections.abc import Callable, Iterator
from typing import TypeVar

import redis
from redis.exceptions import AuthenticationError, BusyLoadingError, NoPermissionError

from cashticket.auction.store_names import FIRST_STORE
from cashticket.engine.condition import MIB, StoreCondition
from cashticket.engine.condition_reading import read_condition
from cashticket.engine.connection import connect
from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable
from cashticket.engine.pauses import MEMORY, REPLICA_AWAY
from cashticket.wiring import current_engine, current_settings
from cashticket.witness.same_store import is_same_store
from cashticket.work.doctor.addresses import NOTHING_THERE, place_of_store
from cashticket.work.doctor.diagnoses import Asking, Diagnosis, Unwell, asking, bad, of_clock, ok, skipped, warn
from cashticket.work.store_twins import twins
from cashticket.work.watch.memory import memory_shortage

Answer = TypeVar("Answer")
LIVE_PARTS = ("", " bids", " durability", " memory", " replicas", " clock")
QUEUE_NAMES = ("queue store", "queue store durability", "queue store memory", "queue store clock")
VERSION_MIN = (7, 0)
MEMORY_FREE_ALARM = 0.15
RAISE_MEMORY = "raise STORE_MEMORY or --maxmemory where it is started, and restart it, or remove what is foreign there"


def live_store(name: str) -> str:
    """What the live store of this name is called: the only one, or the first, needs no name."""
    return "live store" if name == FIRST_STORE else f"live store {name}"


def live_names(name: str) -> tuple[str, ...]:
    """The parts of the live store of this name that are looked at."""
    return tuple(f"{live_store(name)}{part}" for part in LIVE_PARTS)


def setting_of(name: str) -> str:
    """The setting that has the address of the live store of this name."""
    return "REDIS_URL" if name == FIRST_STORE else "LIVE_STORES"


def look_at_live_store(name: str = FIRST_STORE) -> Iterator[Diagnosis]:
    """A store that decides bids."""
    url = current_settings().store_urls[name]
    with asking() as moments:
        condition = answer(lambda: current_engine().stores()[name].condition(), setting_of(name), url)
    yield from of_live_store(condition, moments, place_of_store(url), name)


def of_live_store(
    condition: StoreCondition, moments: Asking, place: str, name: str = FIRST_STORE, which: str = ""
) -> Iterator[Diagnosis]:
    """A diagnosis for each of the parts. `which` stands behind their names where there are several such processes."""
    own, of_bids, of_durability, of_memory, of_replicas, of_clocks = (f"{each}{which}" for each in live_names(name))
    yield _version(own, condition, place)
    yield _bids(of_bids, condition, setting_of(name))
    yield _live_durability(of_durability, condition)
    yield _memory(of_memory, condition)
    yield _replicas(of_replicas, condition)
    yield of_clock(of_clocks, moments.seconds_off(condition.now_ms / 1000))


def look_at_twins() -> Iterator[Diagnosis]:
    """Whether each live store has a server of its own."""
    stores = current_settings().store_urls
    if len(stores) == 1:
        yield skipped("live stores", "there is one")
    elif seen := twins(current_engine()):
        yield bad("live stores", seen, "give each name in LIVE_STORES a server of its own")
    else:
        yield ok("live stores", f"{', '.join(stores)} are {len(stores)} servers, as far as they answer")


def look_at_queue_store() -> Iterator[Diagnosis]:
    """The store of jobs, limits, leases and witnesses."""
    settings = current_settings()
    with asking() as moments:
        condition = answer(lambda: _condition_at(settings.queue_redis_url), "QUEUE_REDIS_URL", settings.queue_redis_url)
    yield _version("queue store", condition, place_of_store(settings.queue_redis_url))
    yield _queue_durability(condition)
    yield _memory("queue store memory", condition)
    yield of_clock("queue store clock", moments.seconds_off(condition.now_ms / 1000))


def look_at_roles() -> Iterator[Diagnosis]:
    """Whether each role has a server of its own."""
    settings = current_settings()
    shared = [name for name, url in settings.store_urls.items() if is_same_store(url, settings.queue_redis_url)]
    if not shared:
        yield ok("store roles", "live store and queue store are two servers")
    elif settings.production:
        mend = "run a second server, name it in QUEUE_REDIS_URL, and restart every process while no auction runs"
        seen = f"one server is {live_store(shared[0])} and queue store: jobs and limits take its memory and disk"
        yield warn("store roles", seen, mend)
    else:
        yield ok("store roles", "one server for both, which is enough for a demo")


def _condition_at(url: str) -> StoreCondition:
    with connect(url) as client:
        return read_condition(client)


def answer(ask: Callable[[], Answer], setting: str, url: str) -> Answer:
    """What the store of a setting answers. Raises Unwell."""
    try:
        return ask()
    except (StoreUnavailable, OutcomeUnknown, redis.RedisError) as error:
        seen, mend = reason(error, setting)
        raise Unwell(f"{place_of_store(url)}: {seen}", mend) from error


def reason(error: BaseException, setting: str) -> tuple[str, str]:
    """Why a store gave no answer, and how to mend it."""
    while error.__cause__:
        error = error.__cause__
    if isinstance(error, BusyLoadingError):
        return "it is loading its log", "wait: its own log says how far it is; bidding goes on by itself"
    if isinstance(error, AuthenticationError):
        return "it refuses the account or its password", f"put the right ones into {setting}"
    if isinstance(error, NoPermissionError):
        return "the account lacks rights", "give it those of the account cashticket in deploy/compose/start-store.sh"
    if current_settings().embedded_store:
        return NOTHING_THERE, "start everything with `make run`, or the store alone as the Procfile does"
    return NOTHING_THERE, f"start it, or look at its log, at {setting} and at the network"


def _version(name: str, condition: StoreCondition, place: str) -> Diagnosis:
    seen = f"version {condition.version} answers at {place}"
    if _numbers(condition.version) < VERSION_MIN:
        return bad(name, seen, "move to Redis 7.0 or newer, or to Valkey")
    return ok(name, seen)


def _bids(name: str, condition: StoreCondition, setting: str) -> Diagnosis:
    """Whether it takes bids at all, as far as no other line says so."""
    sentences = [sentence for reason, sentence in condition.refusals.items() if reason not in (MEMORY, REPLICA_AWAY)]
    if not sentences:
        return ok(name, "it takes them")
    seen, _, mend = sentences[0].partition(": ")
    return bad(name, seen, mend or f"let {setting} lead to the primary, and look why it is none")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _live_durability(name: str, condition: StoreCondition) -> Diagnosis:
    settings = current_settings()
    if not condition.loss_risks:
        return ok(name, "every answer is on its disk before it is sent (appendfsync always)")
    seen = f"answered bids may be lost: {'; '.join(condition.loss_risks)}"
    if settings.embedded_store and not settings.production:
        return ok(name, "the embedded store writes once a second: a power cut may lose a second of a demo")
    how = bad if settings.production else warn
    return how(name, seen, "set what stands in brackets as docs/operations.md (The live store) shows, and restart it")


def _queue_durability(condition: StoreCondition) -> Diagnosis:
    name = "queue store durability"
    if not condition.writing:
        return bad(name, "it cannot write its log", "give its disk room")
    if condition.eviction != "noeviction":
        seen = f"it forgets keys when its memory is full (maxmemory-policy {condition.eviction})"
        return warn(name, seen, "set maxmemory-policy noeviction: a forgotten job or lease delays work")
    if condition.fsync == "off" and current_settings().production:
        return warn(name, "it writes nothing to disk", "set appendonly yes and appendfsync everysec")
    return ok(name, f"appendfsync {condition.fsync}, {condition.eviction}")


def _memory(name: str, condition: StoreCondition) -> Diagnosis:
    used = f"{condition.memory_used / MIB:,.0f} MiB"
    if not condition.memory_max:
        if not current_settings().production:
            return ok(name, f"{used} are used, without a limit")
        mend = "set maxmemory to what its machine can spare, so that the system never ends it for its size"
        return warn(name, f"{used} are used, and maxmemory sets no limit", mend)
    seen = f"{used} of {condition.memory_max / MIB:,.0f} MiB are used"
    if memory_shortage(condition):
        return bad(name, f"{seen}: nearly nothing is free", RAISE_MEMORY)
    return warn(name, seen, RAISE_MEMORY) if condition.memory_free < MEMORY_FREE_ALARM else ok(name, seen)


def _replicas(name: str, condition: StoreCondition) -> Diagnosis:
    needed = condition.replicas_required
    if condition.replica_problem:
        return bad(
            name,
            condition.replica_problem,
            "start the replica or mend the network; to go on without, see STORE_REPLICAS",
        )
    if condition.replicas > needed:
        seen = f"{condition.replicas} keep up, and STORE_REPLICAS is {needed}: a promoted one may lack answered bids"
        return warn(name, seen, f"set STORE_REPLICAS={condition.replicas} for every process")
    if not needed:
        return skipped(name, "STORE_REPLICAS is 0, and none is connected")
    return ok(name, f"{condition.replicas} of {needed} keep up")
