"""What is outside of the product: room on the disks, and the certificate that browsers are shown."""

import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from cashticket.logs.failures import failure_text
from cashticket.wiring import current_settings
from cashticket.work.doctor.configured import is_loopback
from cashticket.work.doctor.diagnoses import Diagnosis, bad, ok, skipped, warn
from cashticket.work.watch.disks import DiskSpace, space_on

GIB = 2**30
NEARLY = 2
"""A disk with less than so many times what must stay free is told of."""

CONNECT_SECONDS = 3.0
DAYS_FEW, DAYS_TOO_FEW = 21, 7
DISTRUST = {
    10: ("it has expired", "renew it, then reload nginx (`nginx -s reload`)"),
    18: ("it is self-signed", "use one of an authority that browsers know"),
    19: ("nobody known has signed it", "use one of an authority that browsers know"),
    20: ("its chain is not complete", "give nginx the certificate with the chain behind it"),
    62: ("it is for another name", "use one for the host in BASE_URL"),
}
"""Code of OpenSSL → what is wrong, and the mend."""


def look_at_disks() -> Iterator[Diagnosis]:
    """Room on the disks of DISK_PATHS."""
    settings = current_settings()
    disks = {path: space_on(path, settings.disk_free_min) for path in settings.disk_paths}
    if not disks:
        yield skipped("disks", "DISK_PATHS names none")
        return
    seen = "; ".join(_described(path, disk) if disk else f"{path} is no folder here" for path, disk in disks.items())
    mend = "make room, or move the data to a larger disk; bidding pauses while one is nearly full"
    present = [disk for disk in disks.values() if disk]
    if any(disk.free < disk.needed for disk in present):
        yield bad("disks", seen, mend)
    elif any(disk.free < NEARLY * disk.needed for disk in present):
        yield warn("disks", seen, mend)
    elif None in disks.values():
        yield warn(
            "disks", seen, "name the folders of live store and database in DISK_PATHS as they are on this machine"
        )
    else:
        yield ok("disks", seen)


def _described(path: Path, disk: DiskSpace) -> str:
    free, size, needed = (part / GIB for part in (disk.free, disk.size, disk.needed))
    return f"{path} has {free:,.1f} of {size:,.1f} GiB free, {needed:,.1f} must stay"


def look_at_certificate() -> Iterator[Diagnosis]:
    """The certificate at BASE_URL."""
    parts = urlsplit(current_settings().base_url)
    host = parts.hostname or ""
    if is_loopback(host):
        yield skipped("certificate", "BASE_URL is this machine itself")
    elif parts.scheme != "https":
        yield skipped("certificate", "BASE_URL is without TLS")
    else:
        yield certificate_at(host, parts.port or 443)


def certificate_at(host: str, port: int) -> Diagnosis:
    """The diagnosis of the certificate that a server shows. Waits at most CONNECT_SECONDS for each of its answers."""
    name = "certificate"
    try:
        ends_at = _end_of_certificate(host, port)
    except ssl.SSLCertVerificationError as error:
        seen, mend = DISTRUST.get(error.verify_code, ("it is not trusted", "look at it with a browser"))
        return bad(name, f"{host}:{port}: {seen}", mend)
    except socket.gaierror:
        mend = "look at the host in BASE_URL and at its name service (DNS), or look from a machine that may ask it"
        return warn(name, f"the name {host} cannot be looked up from here", mend)
    except OSError as error:
        mend = "look whether nginx runs and the name leads to it; a machine that may reach nobody outside cannot see it"
        return warn(name, f"{host}:{port} cannot be reached from here: {failure_text(error)}", mend)
    days = (ends_at - time.time()) / 86_400
    seen, mend = f"{host}:{port}: good for {days:,.0f} days", DISTRUST[10][1]
    if days < DAYS_TOO_FEW:
        return bad(name, seen, mend)
    return warn(name, seen, mend) if days < DAYS_FEW else ok(name, seen)


def _end_of_certificate(host: str, port: int) -> int:
    """When it ends, in seconds since 1970. Raises SSLCertVerificationError and OSError."""
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), CONNECT_SECONDS) as connection,
        context.wrap_socket(connection, server_hostname=host) as secured,
    ):
        shown = secured.getpeercert() or {}
    return int(ssl.cert_time_to_seconds(str(shown["notAfter"])))
