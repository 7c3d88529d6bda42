"""Settings that a process starts with, and that are still wrong for real auctions. What is missing or malformed stops
every start before, with a list of all of it."""

import ipaddress
from collections.abc import Callable, Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from cashticket.models.organisers import TEXT_MAX
from cashticket.notify.vapid_keys import pair_problem
from cashticket.wiring import current_settings
from cashticket.work.doctor.diagnoses import Diagnosis, bad, ok, skipped, warn

NAMES = ("environment", "development parts", "links", "organiser", "disk paths", "push keys", "backup recipients")
SEES_DISKS = ("all", "worker")
SENDS_MAIL = ("all", "mail")


def looking(unencrypted: Sequence[str]) -> Callable[[], Iterable[Diagnosis]]:
    """What looks at the settings. `unencrypted` has a sentence for each link to another machine without TLS."""

    def look() -> Iterator[Diagnosis]:
        yield _environment()
        yield _development_parts()
        yield _links(unencrypted)
        yield _organiser()
        yield _disk_paths()
        yield _push_keys()
        yield _backup_recipients()

    return look


def is_loopback(host: str) -> bool:
    """Whether a name or address is this machine itself."""
    try:
        return host in ("", "localhost") or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _environment() -> Diagnosis:
    settings = current_settings()
    described = f"APP_ENV is {settings.app_env}, ROLE is {settings.role}"
    if settings.production or is_loopback(urlsplit(settings.base_url).hostname or ""):
        return ok("environment", described)
    return warn(
        "environment",
        f"{described}, and people come by {settings.base_url}",
        "set APP_ENV=production in every process: only then unsafe settings are refused",
    )


def _development_parts() -> Diagnosis:
    """What is enough for a demo and must never carry a real auction."""
    settings = current_settings()
    mends = {
        "the embedded store": (settings.embedded_store, "set REDIS_URL to a store of its own"),
        "SQLite": (settings.database_url.startswith("sqlite"), "set DATABASE_URL to MySQL 8 or MariaDB"),
        "mail to a folder or the console": (
            settings.role in SENDS_MAIL and not settings.mail_url.startswith("smtp"),
            "set MAIL_URL to smtp://… or smtps://…",
        ),
        "no limits": (not settings.rate_limits, "take RATE_LIMITS=off out"),
    }
    present = {part: mend for part, (is_used, mend) in mends.items() if is_used}
    if not present:
        return ok("development parts", "none is used")
    if settings.production:
        return bad("development parts", f"in production: {', '.join(present)}", "; ".join(present.values()))
    return ok("development parts", f"{', '.join(present)}: enough for a demo, never for real auctions")


def _links(unencrypted: Sequence[str]) -> Diagnosis:
    if not unencrypted:
        return ok("links", "every link to another machine is encrypted, or named in PLAIN_HOSTS")
    parts = [sentence.partition(": ") for sentence in unencrypted]
    return warn(
        "links", "; ".join(seen for seen, _, _ in parts), "; ".join(dict.fromkeys(mend for _, _, mend in parts))
    )


def _organiser() -> Diagnosis:
    settings = current_settings()
    missing = [f"ORGANISER_{name.upper()}" for name in TEXT_MAX if not getattr(settings, f"organiser_{name}")]
    if not missing:
        return ok("organiser", f"everything that a shop has to name is set, for {settings.organiser_name}")
    if not settings.production:
        return skipped("organiser", "a demo has to name no business")
    return warn(
        "organiser",
        f"not set: {', '.join(missing)}",
        "set them for every process: pages, terms and mails say that they are missing, and the law asks for them",
    )


def _disk_paths() -> Diagnosis:
    settings = current_settings()
    if settings.role not in SEES_DISKS:
        return skipped("disk paths", f"the watch looks at disks, this process (ROLE={settings.role}) does not")
    if settings.disk_paths:
        return ok("disk paths", ", ".join(map(str, settings.disk_paths)))
    urls = (*settings.store_urls.values(), settings.database_url)
    if not any(_is_here(url) for url in urls):
        return skipped("disk paths", "live store and database are on other machines")
    return warn(
        "disk paths",
        "no folder is watched, although live store or database are on this machine",
        "name their data folders in DISK_PATHS of the watch, so that bidding pauses before a disk is full",
    )


def _is_here(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme.endswith(("sentinel", "cluster")):
        return False
    return parts.scheme in ("unix", "sqlite") or is_loopback(parts.hostname or "")


def _push_keys() -> Diagnosis:
    settings = current_settings()
    public, private = settings.vapid_public_key, settings.vapid_private_key
    if not (public or private):
        return skipped("push keys", "this process has none: pushes are off, or others have the keys")
    if problem := pair_problem(public, private):
        seen, _, mend = problem.partition("; ")
        return bad("push keys", seen, f"{mend}; with another pair everybody has to turn pushes on again")
    if settings.role == "all" and not (public and private):
        lacking = "VAPID_PRIVATE_KEY: nothing is pushed" if public else "VAPID_PUBLIC_KEY: no page offers pushes"
        return warn("push keys", f"there is no {lacking}", "set both keys of one pair, or neither")
    return ok("push keys", "they belong together" if public and private else "this process has the key that it needs")


def _backup_recipients() -> Diagnosis:
    settings, name = current_settings(), "backup recipients"
    if count := len(settings.backup_recipients):
        return ok(name, f"backups are encrypted for {count} of them")
    if not settings.production:
        return skipped(name, "backups of a demo may be plain")
    if settings.role not in SEES_DISKS:
        return skipped(name, f"this process (ROLE={settings.role}) makes no backups")
    return warn(
        name,
        "none: backups are plain, so whoever reads the disk they lie on reads names, addresses and phone numbers",
        "make keys with `flask ops backup-key` on a machine of your own; set BACKUP_RECIPIENTS where backups are made",
    )
