"""The page about platforms names the processes of docker-compose.yml: all of them, with their commands, roles and
secrets."""

import re
import shlex
from typing import Any

from tests.house.compose import compose_file, replicas
from tests.house.source import ROOT

PAGE = (ROOT / "docs/managed-platform.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([a-z-]+)` \| ([^|]+) \| `([^`]+)` \| `([a-z]+)` \| ([^|]*)\|$", re.MULTILINE)
OF_ALL = {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "QUEUE_REDIS_URL"}
FORMER_KEYS = "SECRET_KEY_FALLBACKS"


def our_services() -> dict[str, dict[str, Any]]:
    """The services of the compose file that run the product's own image, by name."""
    services = compose_file()["services"]
    return {name: each for name, each in services.items() if each.get("build") and "profiles" not in each}


def secrets(service: dict[str, Any]) -> set[str]:
    """The settings that a service has as files."""
    return {name.removesuffix("_FILE") for name in service["environment"] if name.endswith("_FILE")}


def test_every_process_is_on_the_page_with_its_command_role_and_secrets() -> None:
    rows = {name: (count, command, role, own) for name, count, command, role, own in ROW.findall(PAGE)}
    services = our_services()
    assert set(rows) == set(services)
    for name, service in services.items():
        count, command, role, own = rows[name]
        assert shlex.split(command) == service["command"], name
        assert role == service["environment"]["ROLE"], name
        named = set(re.findall(r"`([A-Z_]+)`", own)) | (set() if "alone" in own else OF_ALL)
        assert named == secrets(service) - {FORMER_KEYS}, name
        if count.strip().isdigit():
            assert int(count) == replicas(service), name


def test_the_page_says_which_secrets_all_have() -> None:
    sentence = re.search(r"^Secrets of all: (.+?)\.", PAGE, re.MULTILINE)
    assert sentence and set(re.findall(r"`([A-Z_]+)`", sentence[1])) == OF_ALL


def test_what_the_page_says_of_the_proxy_is_there() -> None:
    proxy = compose_file()["services"]["proxy"]
    mounted = [each.split(":")[1] for each in proxy["volumes"]] + [each["target"] for each in proxy["configs"]]
    beside = [each for each in mounted if each.endswith(".conf") and "/" not in each.removeprefix("/etc/cashticket/")]
    assert len(set(beside) - {"/etc/cashticket/nginx.conf"}) == 5 and "the five files beside it" in PAGE
    assert "resolver 127.0.0.11" in (ROOT / "deploy/compose/upstreams.conf").read_text(encoding="utf-8")
    assert proxy["image"].split(":-")[1].startswith("nginx:1.30") and "`nginx:1.30`" in PAGE
