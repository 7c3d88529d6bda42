"""Rules about single lines of product code: who reads the environment, who tells the time, who names Redis keys."""

import ast
import re
from collections.abc import Iterator

import pytest

from cashticket import redis_keys
from tests.house.source import (
    Module,
    calls,
    imports,
    module,
    product_modules,
    running_modules,
    scripts,
    strings,
    text_of,
)

# The verbs that take now_ms, and how many positional arguments leave it out.
TIMED_VERBS = {"place_bid": 5, "read": 1, "close": 1, "withdraw": 2}


def told_times(source: Module) -> Iterator[str]:
    """Calls that tell a verb of the engine what time it is instead of letting the live store say."""
    inside_engine = source.room == "engine"
    for name, call in calls(source):
        if name not in TIMED_VERBS or "engine" not in ast.unparse(call.func).lower():
            continue
        named = [keyword.value for keyword in call.keywords if keyword.arg in ("now_ms", None)]
        extra = call.args[TIMED_VERBS[name] :] + [part for part in call.args if isinstance(part, ast.Starred)]
        for value in named + extra:
            # Inside the engine a verb may hand on the argument it was given.
            if not (inside_engine and isinstance(value, ast.Name) and value.id == "now_ms"):
                yield f"{source.where(call)} {name} is told the time"


def named_times(source: Module) -> Iterator[str]:
    """Calls of a timed verb by whatever name the engine goes there, with now_ms said out loud."""
    for name, call in calls(source):
        if name in TIMED_VERBS and "now_ms" in [keyword.arg for keyword in call.keywords]:
            yield f"{source.where(call)} {name}(now_ms=…)"


def test_no_product_code_tells_the_engine_the_time() -> None:
    complaints = [line for source in product_modules() for line in told_times(source)]
    complaints += [line for source in product_modules() if source.room != "engine" for line in named_times(source)]
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize(
    "text",
    [
        "engine.place_bid(1, 2, 3, 4, 'r', now_ms=5)",
        "engine.place_bid(1, 2, 3, 4, 'r', 5)",
        "engine.read(1, 5)",
        "current_engine().close(auction_id, now_ms=now())",
        "engine.place_bid(*everything)",
        "engine.read(1, **more)",
    ],
)
def test_telling_the_time_is_seen(text: str) -> None:
    assert list(told_times(module("cashticket.blueprints.auction.pages", text)))


ENVIRONMENT = ("os.environ", "os.environb", "os.getenv")


def environment_reads(source: Module) -> Iterator[str]:
    """Every place where a module reaches for the process environment."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ENVIRONMENT:
            yield f"{source.where(node)} {ast.unparse(node)}"
    for found in imports(source):
        if found.name in ENVIRONMENT:
            yield f"{source.path}:{found.line} {found.name}"


# Who may touch the environment besides config, and why.
ENVIRONMENT_DOORS = {
    "cashticket/__init__.py": "hands os.environ to config.load, which reads it",
    "cashticket/cli/demo/up.py": "lengthens PATH for the processes it starts; PATH is no setting of ours",
}


def test_only_config_reads_the_environment() -> None:
    readers = {line for source in running_modules() for line in environment_reads(source) if source.room != "config"}
    unexpected = {line for line in readers if line.split(":")[0] not in ENVIRONMENT_DOORS}
    assert not unexpected, "ask config.Settings instead:\n" + "\n".join(sorted(unexpected))


def test_the_factory_only_hands_the_environment_on() -> None:
    factory = next(source for source in product_modules() if source.path == "cashticket/__init__.py")
    handed = [call for name, call in calls(factory) if name == "load" and "os.environ" in map(ast.unparse, call.args)]
    assert len(handed) == len(list(environment_reads(factory))) == 1


@pytest.mark.parametrize("text", ["import os\nos.environ['A']", "from os import getenv", "import os\nos.getenv('A')"])
def test_reading_the_environment_is_seen(text: str) -> None:
    assert list(environment_reads(module("cashticket.live.hub", text)))


# Redis keys

REDIS_VERBS = frozenset(
    {"get", "set", "setex", "psetex", "incr", "decr", "expire", "pexpire", "delete", "exists", "ttl", "pttl"}
    | {"hget", "hset", "hmget", "hgetall", "hdel", "sadd", "srem", "smembers", "rpush", "lpush", "lpop", "rpop"}
    | {"lrange", "llen", "ltrim", "zadd", "zrange", "zrevrange", "zscore", "zrevrank", "publish", "subscribe"}
    | {"psubscribe", "eval", "evalsha"}
)


def loose_keys(source: Module) -> Iterator[str]:
    """Redis keys and channels that a module spells itself instead of taking them from redis_keys."""
    for text, node in strings(source):
        if re.search(r"(?:^|\{)auctions?:(?!\s)", text):
            yield f"{source.where(node)} {text!r}"
    for name, call in calls(source):
        if name in REDIS_VERBS and call.args and re.match(r"[a-z{][\w{}-]*:", text_of(call.args[0])):
            yield f"{source.where(call)} {name}({text_of(call.args[0])!r})"


def test_every_redis_key_is_built_on_the_page_of_keys() -> None:
    complaints = [line for source in product_modules() if source.room != "redis_keys" for line in loose_keys(source)]
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize(
    "text",
    ["f'{{auction:{id}}}:bids'", "live = 'auctions:live'", "client.set('drain:lease', 1)", "r.get(f'mail:{number}')"],
)
def test_a_loose_key_is_seen(text: str) -> None:
    assert list(loose_keys(module("cashticket.ledger.recording", text)))


def test_all_keys_of_one_auction_share_its_slot_and_are_listed() -> None:
    page = next(source for source in product_modules() if source.room == "redis_keys")
    functions = [node for node in page.tree.body if isinstance(node, ast.FunctionDef)]
    of_auctions = [node.name for node in functions if [argument.arg for argument in node.args.args] == ["auction_id"]]
    assert of_auctions
    for name in of_auctions:
        key = getattr(redis_keys, name)(7)
        assert key.startswith("{auction:7}:"), key
        assert f"| {key.replace('7', 'ID')} |" in (redis_keys.__doc__ or ""), f"{key} has no row on the page of keys"


def test_every_plain_key_is_listed() -> None:
    constants = {name: value for name, value in vars(redis_keys).items() if name.isupper() and isinstance(value, str)}
    unlisted = [
        name for name, value in constants.items() if f"| {value}" not in str(redis_keys.__doc__) and "*" not in value
    ]
    assert constants and not unlisted, unlisted


# Lua

KEYLESS = frozenset({"TIME", "PING"})


def keys_not_from_arguments(text: str) -> list[str]:
    """Calls of a script whose key is neither KEYS[n] nor a local that is one."""
    named: set[str] = set()
    for names, values in re.findall(r"local ([A-Z_, ]+) = ((?:KEYS\[\d+\](?:,\s*)?)+)", text):
        named.update(name.strip() for name in names.split(","))
        assert len(names.split(",")) == values.count("KEYS["), f"{names} and {values} differ in number"
    found = re.findall(r"redis\.p?call\('(\w+)'(?:,\s*([^,)]+))?", text)
    return [f"{verb} {key}" for verb, key in found if verb not in KEYLESS and key not in named and "KEYS[" not in key]


def test_no_script_builds_a_key() -> None:
    assert scripts()
    for verb, text in scripts().items():
        assert not keys_not_from_arguments(text), f"{verb}.lua: {keys_not_from_arguments(text)}"
        assert not re.search(r"auctions?:\S", text), f"{verb}.lua spells a key"


@pytest.mark.parametrize(
    "call", ["redis.call('GET', 'a' .. ARGV[1])", "redis.call('GET', ARGV[1])", "redis.call('DEL', name)"]
)
def test_a_built_key_is_seen(call: str) -> None:
    assert keys_not_from_arguments("local TERMS = KEYS[1]\n" + call)


@pytest.mark.parametrize("part", ["-- KEYS ", "-- Returns ", "-- Never "])
def test_every_script_opens_with_its_contract(part: str) -> None:
    without = [verb for verb, text in scripts().items() if part not in header_of(text)]
    assert not without, f"no {part!r} line in the header of {without}"


def test_every_script_names_itself_and_its_arguments() -> None:
    for verb, text in scripts().items():
        header = header_of(text)
        assert header.startswith(f"-- {verb}: "), f"{verb}.lua opens with its name and purpose"
        for kind in ("KEYS", "ARGV"):
            used = {int(number) for number in re.findall(rf"{kind}\[(\d+)\]", text)}
            told = {int(number) for number in re.findall(r"(?<=\s)(\d+) +[a-z]", argument_lines(header, kind))}
            assert used <= told, f"{verb}.lua uses {kind} {sorted(used - told)} without a word in the header"


def header_of(text: str) -> str:
    """The comment lines a script opens with."""
    lines = text.splitlines()
    end = next((number for number, line in enumerate(lines) if not line.startswith("--")), len(lines))
    return "\n".join(lines[:end])


def argument_lines(header: str, kind: str) -> str:
    """The part of a header that speaks of KEYS or of ARGV, continued lines included."""
    part = re.search(rf"^-- {kind} (.*?)(?=^-- [A-Z]|\Z)", header, re.MULTILINE | re.DOTALL)
    return " " + part.group(1) if part else ""
