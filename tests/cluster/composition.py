"""docker-compose.yml as containers without an engine: networks, volumes, secrets, order of starting, health."""

import os
import shutil
import signal
import subprocess
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from lab.servers.certificates import Certificate
from lab.servers.mariadb_server import installed
from lab.waiting import wait_until
from tests.cluster.composed_file import composed, for_older_nginx
from tests.cluster.containers import Container, Mount, Spec, write_hosts
from tests.cluster.images import MAKE_ACCOUNTS, ROOT, account_of, image_of
from tests.cluster.networks import Networks

SECRETS = "./deploy/compose/secrets/"


class Composition:
    """The services of the file without those of profiles. `settings` are the variables of .env."""

    def __init__(self, folder: Path, certificate: Certificate, settings: dict[str, str]) -> None:
        self.folder = folder
        self.settings = settings
        self.file = composed(settings)
        self.services: dict[str, Any] = {
            name: each for name, each in self.file["services"].items() if "profiles" not in each
        }
        self.networks = Networks(list(self.file["networks"]))
        self.addresses = {name: self._places(name) for name in self.services}
        self.running: dict[str, Container] = {}
        # Files that stand in for those of the checkout, by what docker-compose.yml calls them.
        self.instead: dict[str, Path] = {}
        self._secrets = folder / "secrets"
        self._make_secrets(certificate)

    def copies(self, service: str) -> list[str]:
        """The names of a service's containers."""
        number = int(self.services[service].get("deploy", {}).get("replicas", 1))
        return [service] if number == 1 else [f"{service}-{each}" for each in range(1, number + 1)]

    def _places(self, service: str) -> dict[str, dict[str, IPv4Address]]:
        """The address of each container of a service on each of its networks."""
        networks = self.services[service]["networks"]
        return {copy: {each: self.networks.address(each) for each in networks} for copy in self.copies(service)}

    def start(self) -> None:
        """Start everything, each service once those that it waits for are as it wants them. Raises TimeoutError."""
        waiting = dict(self.services)
        while waiting:
            ready = [name for name, each in waiting.items() if not set(each.get("depends_on", {})) & set(waiting)]
            for name in ready:
                for needed, wanted in waiting[name].get("depends_on", {}).items():
                    self._await(needed, wanted["condition"])
                self.start_service(name)
            for name in ready:
                del waiting[name]

    def start_service(self, service: str) -> None:
        for copy in self.copies(service):
            self.start_copy(service, copy)
        if service == "database":
            # What its image does when the database is empty.
            wait_until(self.running[service].is_healthy, "the database", 120)
            made = self.running[service].run("sh", "-c", MAKE_ACCOUNTS)
            assert made.returncode == 0, made.stderr

    def start_copy(self, service: str, copy: str) -> Container:
        """Start one container, or start it again."""
        container = Container(self._spec(service, copy), self.folder)
        self.running[copy] = container
        for network, address in self.addresses[service][copy].items():
            self.networks.connect(container.pid, network, [address])
        container.go()
        return container

    def run(self, service: str, settings: dict[str, str], *command: str) -> tuple[int, str]:
        """Run a service of a profile to its end, with these variables too and another
        command if one is given, as `docker compose run` does. Returns its
        exit code and what it said."""
        self.services[service] = composed(self.settings | settings)["services"][service]
        if command:
            self.services[service]["command"] = list(command)
        self.addresses[service] = self._places(service)
        try:
            container = self.start_copy(service, service)
            return container.wait(), container.last_words()
        finally:
            del self.services[service], self.addresses[service], self.running[service]

    def replace(self, service: str, copy: str) -> None:
        """Stop a container that may run, start it anew and wait until it is healthy. Raises TimeoutError."""
        self.running[copy].stop()
        container = self.start_copy(service, copy)
        wait_until(container.is_healthy, f"{copy} is healthy", 120)

    def scale(self, service: str, number: int) -> None:
        """Start more containers of a service, as `up --scale` does, and let the proxy look their names up."""
        there = self.copies(service)
        self.services[service]["deploy"] = {"replicas": str(number)}
        networks = self.services[service]["networks"]
        for copy in self.copies(service)[len(there) :]:
            self.addresses[service][copy] = {each: self.networks.address(each) for each in networks}
            wait_until(self.start_copy(service, copy).is_healthy, f"{copy} is healthy", 120)
        write_hosts(self.folder, "proxy", self._hosts("proxy"))
        # The nginx of the image asks by itself (resolve); that of this machine may be too old for that.
        self.running["proxy"].signal(signal.SIGHUP)

    def _await(self, service: str, condition: str) -> None:
        for copy in self.copies(service):
            container = self.running[copy]
            if condition == "service_completed_successfully":
                assert container.wait() == 0, container.last_words()
            else:
                wait_until(container.is_healthy, f"{copy} is healthy", 120)

    def await_health(self) -> None:
        """Wait until every container with a health check is healthy. Raises TimeoutError."""
        for copy, container in self.running.items():
            if container.spec.health is not None:
                wait_until(container.is_healthy, f"{copy} is healthy", 120)

    def close(self) -> None:
        """End everything at once."""
        for container in self.running.values():
            if container.is_running():
                container.kill()
        self.networks.close()

    def _spec(self, service: str, copy: str) -> Spec:
        each = self.services[service]
        image = image_of(each["image"])
        own: dict[str, str] = each.get("environment") or {}
        command = [*each.get("entrypoint", image.entrypoint), *(each.get("command") or image.command)]
        tested = each.get("healthcheck", {})
        health = image.health or (_test(tested["test"]) if "test" in tested else None)
        nofile = each.get("ulimits", {}).get("nofile")
        return Spec(
            name=copy,
            service=service,
            command=command,
            environment={"PATH": os.defpath, **image.environment, **own},
            account=account_of(each),
            folder=image.folder,
            mounts=[*image.mounts, *self._mounts(each, copy)],
            hosts=self._hosts(service),
            read_only=each.get("read_only") == "true",
            files=int(nofile or 65536),
            drops_capabilities=each.get("cap_drop") == ["ALL"],
            no_new_privileges="no-new-privileges:true" in each.get("security_opt", []),
            stop_signal=each.get("stop_signal", "SIGTERM"),
            grace_seconds=float(each.get("stop_grace_period", "10s").removesuffix("s")),
            health=None if tested.get("disable") == "true" or health is None else list(health),
        )

    def _mounts(self, service: dict[str, Any], copy: str) -> list[Mount]:
        mounts = [_tmpfs(text) for text in service.get("tmpfs", [])]
        mounts += [self._volume(text, copy) for text in service.get("volumes", [])]
        mounts += [Mount(f"/run/secrets/{name}", self._secret(name)) for name in service.get("secrets", [])]
        for config in service.get("configs", []):
            written = self.folder / f"config-{config['source']}"
            written.write_text(self.file["configs"][config["source"]]["content"] + "\n", encoding="utf-8")
            mounts.append(Mount(config["target"], written))
        return mounts

    def _volume(self, text: str, copy: str) -> Mount:
        source, target, *options = text.split(":")
        if source.startswith("."):
            path = self.instead.get(source, (ROOT / source).resolve())
            is_proxy = copy == "proxy" and path.is_file()
            source_path = for_older_nginx(path, self.folder) if is_proxy else path
            return Mount(target, source_path, writable="ro" not in options)
        folder = self.folder / "volumes" / source
        if not folder.exists():
            folder.mkdir(parents=True)
            # A new volume takes what the image has there, and its owner: the account of the service.
            each = self.services[copy if copy in self.services else copy.rpartition("-")[0]]
            if target == "/var/lib/mysql":
                shutil.copytree(installed(), folder, dirs_exist_ok=True)
            for path in (folder, *folder.rglob("*")):
                os.chown(path, *account_of(each))
        return Mount(target, folder, writable="ro" not in options)

    def _secret(self, name: str) -> Path:
        path = self.file["secrets"][name]["file"]
        return self._secrets / path.removeprefix(SECRETS) if path.startswith(SECRETS) else Path(path)

    def _make_secrets(self, certificate: Certificate) -> None:
        program = ROOT / "deploy" / "compose" / "make-secrets.sh"
        subprocess.run(["sh", str(program), str(self._secrets)], check=True, capture_output=True)
        (self._secrets / "mail_url").write_text("smtp://user:password@10.77.4.250:587")
        for name, path in (("certificate", certificate.chain), ("certificate_key", certificate.key)):
            (self._secrets / name).write_bytes(path.read_bytes())
            self.file["secrets"][name]["file"] = str(self._secrets / name)
            (self._secrets / name).chmod(0o444)

    def _hosts(self, service: str) -> str:
        """The names that a service can look up: those of all that share a network with it, and those of its links."""
        links = dict(each.split(":") for each in self.services[service].get("links", []))
        seen: list[str] = []
        for name in self.services:
            for copy, places in self.addresses[name].items():
                shared = [network for network in self.services[service]["networks"] if network in places]
                seen += [f"{places[shared[0]]} {name} {copy} {links.get(name, '')}"] if shared else []
        return "\n".join(seen) + "\n"


def _test(words: list[str]) -> list[str]:
    kind, *rest = words
    return ["sh", "-c", *rest] if kind == "CMD-SHELL" else rest


def _tmpfs(text: str) -> Mount:
    target, _, options = text.partition(":")
    return Mount(target, options=options, writable=True)
