"""Networks between containers: bridges in a network namespace of their own, which reaches nothing outside."""

import ctypes
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from lab.waiting import wait_until

CLONE_NEWNET = 0x40000000
ALL = IPv4Network("10.77.0.0/16")


class Networks:
    """The networks of a composition, each with 254 addresses. `close` ends them."""

    def __init__(self, names: list[str]) -> None:
        # It holds the namespace, and ends with this process.
        self._holder = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "unshare", "-n", "sleep", "infinity"])
        self._subnets = dict(zip(names, list(ALL.subnets(new_prefix=24))[1:], strict=False))
        self._given = dict.fromkeys(names, 0)
        self._links = 0
        wait_for_namespace(self._holder.pid)
        for number, _ in enumerate(names):
            self._run("ip", "link", "add", f"br{number}", "type", "bridge", "forward_delay", "0")
            self._run("ip", "link", "set", f"br{number}", "up")

    def address(self, network: str) -> IPv4Address:
        """The next free address of a network."""
        self._given[network] += 1
        return self._subnets[network][self._given[network]]

    def connect(self, pid: int, network: str, addresses: list[IPv4Address]) -> None:
        """Give the network namespace of the process `pid` an interface with these addresses on a network."""
        self._links += 1
        ours, theirs = f"v{self._links}", f"eth{self._links}"
        bridge = f"br{list(self._subnets).index(network)}"
        peer = ("peer", "name", theirs, "netns", str(pid))
        self._run("ip", "link", "add", ours, "type", "veth", *peer)
        self._run("ip", "link", "set", ours, "master", bridge, "up")
        inside = ["nsenter", "-t", str(pid), "-n"]
        # Whoever comes back to an address is found there at once: neighbours remember the hardware address.
        hardware = "02:42:" + addresses[0].packed.hex(":")
        _run([*inside, "ip", "link", "set", theirs, "address", hardware])
        for address in addresses:
            _run([*inside, "ip", "addr", "add", f"{address}/24", "dev", theirs])
        _run([*inside, "ip", "link", "set", theirs, "up"])

    def close(self) -> None:
        self._holder.kill()
        self._holder.wait()

    def _run(self, *command: str) -> None:
        _run(["nsenter", "-t", str(self._holder.pid), "-n", *command])


def wait_for_namespace(pid: int) -> None:
    """Wait until the process `pid` has a network namespace of its own. Raises TimeoutError."""
    own = Path("/proc/self/ns/net").readlink()
    wait_until(lambda: Path(f"/proc/{pid}/ns/net").readlink() != own, "a network namespace")


@contextmanager
def inside(pid: int) -> Iterator[None]:
    """This thread in the network namespace of the process `pid`: sockets made here stay there."""
    with open("/proc/thread-self/ns/net") as back, open(f"/proc/{pid}/ns/net") as there:
        _enter(there.fileno())
        try:
            yield
        finally:
            _enter(back.fileno())


def _enter(descriptor: int) -> None:
    if ctypes.CDLL(None, use_errno=True).setns(descriptor, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (command, done.stderr)
