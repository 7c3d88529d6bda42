"""A real nginx with the shipped nginx.conf, in front of services on 127.0.0.1: plain, or with TLS under `localhost`."""

import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

from lab.servers.certificates import Certificate
from lab.servers.installation import ServerProcess, free_port
from lab.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
MISSING = "nginx is not installed: apt install nginx-light"


def nginx_binary() -> str | None:
    """Path of the installed nginx, also if it is only on root's PATH."""
    return shutil.which("nginx", path=os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin")))


class Nginx:
    """One nginx with the settings of an installation, apart from addresses, ports and name.

    `web` are the ports of one or more web processes, `live` that of the one for sockets.
    With a `certificate` it has the settings of deploy/host and is https://localhost:`port`, with `plain_port` leading
    there; without one those of deploy/local. Without `keeps_pieces` it keeps no answer of a service.
    """

    def __init__(
        self,
        binary: str,
        folder: Path,
        web: list[int],
        live: int,
        certificate: Certificate | None = None,
        *,
        keeps_pieces: bool = True,
    ) -> None:
        folder.mkdir()
        self.folder = folder
        self.port = free_port()
        self.plain_port = free_port() if certificate else self.port
        self.url = f"https://localhost:{self.port}" if certificate else f"http://127.0.0.1:{self.port}"
        if keeps_pieces:
            (folder / "nginx.conf").symlink_to(ROOT / "nginx.conf")
            (folder / "front").symlink_to(DEPLOY / "front")
        else:
            shutil.copy(ROOT / "nginx.conf", folder)
            shutil.copytree(DEPLOY / "front", folder / "front")
            for path in (folder / "nginx.conf", folder / "front" / "kept.conf"):
                text = path.read_text(encoding="utf-8").replace("proxy_cache pieces;", "proxy_cache off;")
                path.write_text(text, encoding="utf-8")
        (folder / "upstreams.conf").write_text(_upstreams(web, live))
        for name in ("listen.conf", "site.conf", "access_log.conf", "other_servers.conf"):
            text = (DEPLOY / ("host" if certificate else "local") / name).read_text(encoding="utf-8")
            # Written at once, so that a test need not wait for it.
            text = text.replace(" buffer=32k flush=1s", "")
            (folder / name).write_text(self._placed(text, certificate), encoding="utf-8")
        # Started by root, nginx would run its workers as an account that cannot read a test's folder.
        account = "user root; " if os.getuid() == 0 else ""
        self.command = [binary, "-p", f"{folder}/", "-c", str(folder / "nginx.conf"), "-g", f"{account}daemon off;"]
        self.access_log = folder / "access.log"
        self.process = ServerProcess("nginx", self.command, {}, folder.parent)

    def _placed(self, text: str, certificate: Certificate | None) -> str:
        """`text` of the shipped settings with this server's ports, name and certificate."""
        if certificate is None:
            return text.replace("127.0.0.1:8080", f"127.0.0.1:{self.port}")
        text = re.sub(r"^ *listen \[::\].*\n", "", text, flags=re.MULTILINE)
        text = re.sub(r"listen 443\b", f"listen 127.0.0.1:{self.port}", text)
        text = re.sub(r"listen 80\b", f"listen 127.0.0.1:{self.plain_port}", text)
        text = text.replace("set $site tickets.example", f"set $site localhost:{self.port}")
        text = text.replace("server_name tickets.example", "server_name localhost")
        text = text.replace("/etc/cashticket/tls/certificate.pem", str(certificate.chain))
        return text.replace("/etc/cashticket/tls/key.pem", str(certificate.key))

    def start(self) -> "Nginx":
        self.process.start()
        wait_until(self._listens, "nginx")
        return self

    def stop(self) -> None:
        self.process.stop()

    def check(self) -> "subprocess.CompletedProcess[str]":
        """Result of `nginx -t` on the configuration."""
        return subprocess.run([*self.command, "-t"], capture_output=True, text=True, check=False)

    def _listens(self) -> bool:
        assert self.process.is_running(), f"nginx ended:\n{self.process.last_words()}"
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0


def _upstreams(web: list[int], live: int) -> str:
    """The shipped services of containers on these ports: a line for each web process in place of the name, and no
    name server, which knows containers alone and which older releases of nginx do not ask."""
    rows: list[str] = []
    for row in (DEPLOY / "compose" / "upstreams.conf").read_text().splitlines():
        if "server web:8000 resolve" in row:
            rows += [row.replace("web:8000 resolve", f"127.0.0.1:{port}") for port in web]
        elif not row.lstrip().startswith("resolver "):
            rows.append(row.replace("server live:8000 resolve", f"server 127.0.0.1:{live}"))
    return "\n".join(rows) + "\n"
