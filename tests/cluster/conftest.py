"""The whole composition, started once for the tests of a file, with an auction that is open."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pyrage.x25519 import Identity

from lab.servers.certificates import issue
from lab.servers.mariadb_server import mariadb_binary
from lab.servers.redis_server import redis_binary
from tests.cluster.composition import Composition
from tests.cluster.containers import Container
from tests.cluster.images import ROOT, has_programs
from tests.cluster.people import SITE, Fan, Outside
from tests.staging.rows import PASSWORD

MISSING = "containers without an engine need root, and the programs of iproute2 and util-linux"
PEOPLE = ("alice", "bob", "carol")


@dataclass(frozen=True)
class Cluster:
    """Everything that runs, who is outside, and the auction that is open."""

    composition: Composition
    outside: Outside
    auction_id: int

    @property
    def proxy(self) -> Container:
        return self.composition.running["proxy"]

    @property
    def webs(self) -> list[Container]:
        return [self.composition.running[copy] for copy in self.composition.copies("web")]

    @contextmanager
    def proxy_with(self, name: str, added: str) -> Iterator[None]:
        """The proxy, started anew with lines added to one of its files of deploy/compose."""
        source = f"./deploy/compose/{name}"
        changed = self.composition.folder / f"changed-{name}"
        changed.write_text((ROOT / source).read_text(encoding="utf-8") + added, encoding="utf-8")
        self.composition.instead[source] = changed
        try:
            self.composition.replace("proxy", "proxy")
            yield
        finally:
            del self.composition.instead[source]
            self.composition.replace("proxy", "proxy")

    def fan(self, name: str = "carol", address: int = 0) -> Fan:
        """A person at one of the addresses outside."""
        server = self.composition.addresses["proxy"]["proxy"]["edge"]
        return Fan(name, outside=self.outside, server=server, source=self.outside.addresses[address])

    def signed_in(self, name: str, address: int = 0) -> Fan:
        fan = self.fan(name, address)
        fan.sign_in(None)  # type: ignore[arg-type]
        return fan


def command(container: Container, *words: str, typed: str = "") -> Any:
    """What `flask …` prints as JSON in a container."""
    done = container.run("sh", "-c", 'printf %s "$0" | flask "$@"', typed, *words, "--json")
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def cluster(nginx_program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Everything healthy. Skipped by name where it cannot run; with CI=true that is a failure."""
    if os.geteuid() != 0 or not has_programs() or not mariadb_binary() or not redis_binary():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(MISSING)
    folder = tmp_path_factory.mktemp("cluster")
    # Other accounts read what is mounted from here.
    for each in (folder, *folder.parents[:2]):
        each.chmod(0o755)
    certificate = issue(folder / "certificate", SITE)
    key = Identity.generate()
    (folder / "backups").mkdir()
    (folder / "backups" / "backup.key").write_text(f"{key}\n", encoding="utf-8")
    settings = {"SITE": SITE, "MAIL_FROM": f"tickets@{SITE}", "BACKUP_RECIPIENTS": str(key.to_public())}
    composition = Composition(folder, certificate, settings)
    outside = Outside(composition.networks, certificate.authority)
    try:
        composition.start()
        composition.await_health()
        yield Cluster(composition, outside, _opened(composition.running["watch"]))
    finally:
        outside.close()
        composition.close()


def _opened(inside: Container) -> int:
    """An auction that takes bids for an hour, and people who may bid. Returns its id."""
    in_a_month = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    named = ("--title", "한강의 밤", "--artist", "Carol", "--venue", "잠실", "--starts", in_a_month)
    concert = command(inside, "concert", "add", *named)["id"]
    terms = ("--seats", "2", "--minimum", "100000", "--step", "10000", "--opens", "now", "--closes", "+3600s")
    auction = command(inside, "auction", "add", "--concert", str(concert), *terms)["id"]
    for name in PEOPLE:
        who = ("--email", f"{name}@example.com", "--name", name.title(), "--verified")
        command(inside, "user", "add", *who, typed=f"{PASSWORD}\n")
    return int(auction)
