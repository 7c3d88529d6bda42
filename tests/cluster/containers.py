"""One container without an engine: a command in namespaces of its own, on a root that it sees and may not change."""

import os
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from lab.waiting import wait_until

# What runs as root before the command: a root over that of this machine, its mounts, then the command's account.
START = """set -eu
mount --make-rprivate /
mount -t tmpfs tmpfs {base}
mkdir {base}/up {base}/work {base}/root
mount -t overlay overlay -o lowerdir=/,upperdir={base}/up,workdir={base}/work {base}/root
root={base}/root
mount -t proc proc $root/proc
mount -t tmpfs tmpfs $root/dev
mkdir $root/dev/shm
chmod 1777 $root/dev/shm
for device in 'null 3' 'zero 5' 'full 7' 'random 8' 'urandom 9'; do
    mknod -m 666 $root/dev/${{device% *}} c 1 ${{device#* }}
done
ln -s /proc/self/fd $root/dev/fd
ln -s /proc/self/fd/0 $root/dev/stdin
ln -s /proc/self/fd/1 $root/dev/stdout
ln -s /proc/self/fd/2 $root/dev/stderr
mount -t tmpfs tmpfs $root/run
mount -t tmpfs tmpfs $root/tmp
{mounts}
hostname {name}
ip link set lo up
# This machine may allow fewer.
ulimit -n {files} 2>/dev/null || ulimit -n "$(ulimit -Hn)"
read -r connected
exec {enter}
"""


@dataclass(frozen=True, slots=True)
class Mount:
    """What stands at `target`: the file or folder `source` of this machine, or an empty tmpfs with `options`."""

    target: str
    source: Path | None = None
    options: str = ""
    writable: bool = False

    def commands(self) -> list[str]:
        """The lines of the starting script, below `$root`."""
        place = f'"$root{self.target}"'
        if self.source is None:
            options = f"-o {self.options} " if self.options else ""
            return [f"mkdir -p {place}", f"mount -t tmpfs {options}tmpfs {place}"]
        if self.source.is_dir():
            made = [f"mkdir -p {place}"]
        else:
            made = [f'mkdir -p "$root{Path(self.target).parent}"', f"[ -e {place} ] || : >{place}"]
        # Whoever runs the tests may keep others out of the folders above; in the container they are passed through.
        above = [str(each) for each in Path(self.target).parents if str(each) != "/"]
        made += [f'chmod a+rx "$root{each}" 2>/dev/null || true' for each in above]
        bound = [f'mount --bind "{self.source}" {place}']
        return [*made, *bound, *([] if self.writable else [f"mount -o remount,ro,bind {place}"])]


@dataclass(frozen=True)
class Spec:
    """What a container is: all that docker-compose.yml and its image say about it."""

    name: str
    service: str
    command: list[str]
    environment: dict[str, str]
    account: tuple[int, int]
    folder: str = "/"
    mounts: list[Mount] = field(default_factory=list)
    hosts: str = ""
    read_only: bool = True
    files: int = 65536
    drops_capabilities: bool = False
    no_new_privileges: bool = False
    stop_signal: str = "SIGTERM"
    grace_seconds: float = 10
    health: list[str] | None = None


class Container:
    """A container that runs. Its output is in `log`."""

    def __init__(self, spec: Spec, folder: Path) -> None:
        self.spec = spec
        self.log = folder / f"{spec.name}.log"
        self._base = folder / f"{spec.name}.root"
        self._base.mkdir(exist_ok=True)
        script = folder / f"{spec.name}.sh"
        script.write_text(self._script(folder), encoding="utf-8")
        self.log.touch()
        # The command runs as another account and may open its output anew.
        self.log.chmod(0o666)
        namespaces = ["unshare", "-m", "-p", "-u", "-i", "-n", "--fork", "--kill-child", "sh", str(script)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *namespaces], stdin=subprocess.PIPE, stdout=log, stderr=log
            )
        self.pid = int(wait_until(self._child, f"{spec.name} has a namespace"))

    def go(self) -> None:
        """Run the command: the networks are connected."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        self._process.stdin.close()

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run another command in it, as its account, like `docker exec`."""
        enter = ["nsenter", "-t", str(self.pid), "-m", "-p", "-n", "-u", "-r", "-w"]
        as_account = [*_account(self.spec), "env", "-i", *_settings(self.spec), *command]
        return subprocess.run([*enter, *as_account], capture_output=True, text=True, check=False)

    def is_running(self) -> bool:
        return self._process.poll() is None

    def is_healthy(self) -> bool:
        """Whether its health check, if it has one, succeeds. Raises AssertionError once it has ended."""
        assert self.is_running(), f"{self.spec.name} ended:\n{self.last_words()}"
        return self.spec.health is None or self.run(*self.spec.health).returncode == 0

    def wait(self) -> int:
        """Wait for its end. Returns the exit code."""
        return self._process.wait(120)

    def stop(self) -> None:
        """Ask it to stop, and kill it when its grace is over, as an engine does."""
        self.signal(getattr(signal, self.spec.stop_signal))
        try:
            self._process.wait(self.spec.grace_seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it at once, with everything that runs in it."""
        self.signal(signal.SIGKILL)
        self._process.wait(30)

    def last_words(self) -> str:
        return self.log.read_text(errors="replace")[-3000:]

    def signal(self, number: int) -> None:
        """Send a signal to its command, if it still runs."""
        if self.is_running():
            os.kill(self.pid, number)

    def _child(self) -> str | None:
        assert self.is_running(), self.last_words()
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        return children[0] if children else None

    def _script(self, folder: Path) -> str:
        hosts = write_hosts(folder, self.spec.name, self.spec.hosts)
        mounts = [Mount("/etc/hosts", hosts), *self.spec.mounts]
        lines = [line for mount in mounts for line in mount.commands()]
        if not any(mount.target == "/tmp" for mount in mounts):
            lines.append("mount -o remount,ro $root/tmp")
        if self.spec.read_only:
            lines += ["mount -o remount,ro $root/run", "mount -o remount,ro $root"]
        command = ["env", "-i", f"--chdir={self.spec.folder}", *_settings(self.spec), *self.spec.command]
        enter = f'chroot "$root" {_quoted([*_account(self.spec), *command])}'
        return START.format(
            base=self._base, mounts="\n".join(lines), name=self.spec.name, files=self.spec.files, enter=enter
        )


def write_hosts(folder: Path, name: str, hosts: str) -> Path:
    """Write the names that the container `name` can look up; one that runs sees them at once. Returns the file."""
    path = folder / f"{name}.hosts"
    path.write_text(f"127.0.0.1 localhost\n{hosts}", encoding="utf-8")
    return path


def _account(spec: Spec) -> list[str]:
    user, group = spec.account
    dropped = ["--bounding-set=-all", "--inh-caps=-all"] if spec.drops_capabilities else []
    kept_down = ["--no-new-privs"] if spec.no_new_privileges else []
    return ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", *dropped, *kept_down]


def _settings(spec: Spec) -> list[str]:
    return [f"{name}={value}" for name, value in spec.environment.items()]


def _quoted(words: list[str]) -> str:
    return " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)
