"""A real nginx with the shipped nginx.conf, in front of services on 127.0.0.1."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

from lab.servers.installation import ServerProcess
from lab.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
MISSING = "nginx is not installed: apt install nginx-light"


def nginx_binary() -> str | None:
    """Path of the installed nginx, also if it is only on root's PATH."""
    return shutil.which("nginx", path=os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin")))


class Nginx:
    """One nginx with the settings of the container installation, apart from addresses and port."""

    def __init__(self, binary: str, folder: Path, web: list[int], live: int) -> None:
        folder.mkdir()
        (folder / "nginx.conf").symlink_to(ROOT / "nginx.conf")
        upstreams = (ROOT / "deploy" / "compose" / "upstreams.conf").read_text()
        for name, port in {"web-1": web[0], "web-2": web[1], "live": live}.items():
            upstreams = upstreams.replace(f"server {name}:8000", f"server 127.0.0.1:{port}")
        (folder / "upstreams.conf").write_text(upstreams)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        (folder / "listen.conf").write_text(f"listen 127.0.0.1:{self.port};\n")
        # Started by root, nginx would run its workers as an account that cannot read a test's folder.
        account = "user root; " if os.getuid() == 0 else ""
        self.command = [binary, "-p", f"{folder}/", "-c", str(folder / "nginx.conf"), "-g", f"{account}daemon off;"]
        self.process = ServerProcess("nginx", self.command, {}, folder.parent)

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
