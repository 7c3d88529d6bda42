"""What can be set, each with its type and one sentence."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cashticket.engine.one_store import FIRST_STORE


class Role(StrEnum):
    """What a process does, and so which settings it needs in production."""

    ALL = "all"
    # Serves pages or sockets.
    WEB = "web"
    # Sends mail.
    MAIL = "mail"
    # Sends pushes.
    PUSH = "push"
    # Records, settles or watches: sends nothing.
    WORKER = "worker"
    # Changes the schema.
    MIGRATION = "migration"


@dataclass(frozen=True, slots=True)
class Settings:
    # development (default), testing or production; production refuses to start half configured.
    app_env: str
    # all (default), web, mail, push, worker or migration: what this process does. Production asks for what it needs.
    role: Role
    # Signs sessions, links and form tokens, keys hashes; generated into instance/ in development, "" for a migration.
    secret_key: str
    # Former signing keys, newest first: what they signed is still taken, nothing new is signed with them.
    secret_key_fallbacks: tuple[str, ...]
    # SQLAlchemy URL of the ledger, for the account that may read and write rows; SQLite in instance/ unless set.
    database_url: str
    # SQLAlchemy URL of a replica of the ledger from which pages may read, by an account that reads alone; "": none.
    database_reader_url: str
    # SQLAlchemy URL for `flask db`, for the account that may change tables; DATABASE_URL unless set.
    migration_database_url: str
    # Account of DATABASE_URL, as name or name@host, to which `flask db upgrade` gives its rights; nobody unless set.
    database_account: str
    # The live store (fsync always, noeviction, its own instance in production); the embedded one unless set.
    redis_url: str
    # Name and URL of each further live store, in which some auctions are for life; none unless set.
    live_stores: tuple[tuple[str, str], ...]
    # Names of live stores that get no new auctions, because they are to be given up; `first` is that of REDIS_URL.
    retiring_stores: tuple[str, ...]
    # Replicas of the live store that must have an accepted bid before its bidder is told; 0: none.
    store_replicas: int
    # RQ, cache, limits and leases; the live store unless set. Must be set where that is a cluster.
    queue_redis_url: str
    # smtp://user:password@host:port, smtps://…, console: or file:DIRECTORY (one .eml each).
    mail_url: str
    # Sender of every mail, an address or "Name <address>"; no-reply@ the host of BASE_URL unless set.
    mail_from: str
    # https://:TOKEN@gateway.example/path, console: or file:DIRECTORY (one .txt each); "": nobody can prove a phone.
    sms_url: str
    # local: or portone://:API_SECRET@STORE_ID/CHANNEL_KEY (the secret: mail workers); "": nobody is identified.
    identity_url: str
    # Keys the hashes of people's keys for good; mail workers need it where IDENTITY_URL is PortOne.
    identity_key: str
    # Public key of this site, by which browsers subscribe to its pushes; "": pages offer none.
    vapid_public_key: str
    # The private key that belongs to it and signs each push; "": none leaves.
    vapid_private_key: str
    # Where a push service reaches whoever runs the site, as mailto: or https:; the mailbox `security` unless set.
    vapid_contact: str
    # Push services that are spoken to: hosts, `*.` before one for all below it; those of common browsers unless set.
    push_hosts: tuple[str, ...]
    # Hosts that may be reached without TLS without a warning: those of a network inside one machine.
    plain_hosts: tuple[str, ...]
    # Address at which people reach the site; used in mail links and for the origin check of sockets.
    base_url: str
    # Where to report a weakness, as mailto: or https:; the mailbox `security` of the site unless set.
    security_contact: str
    # Who runs the site and sells the seats of concerts without an organiser of their own; shown in every footer.
    organiser_name: str
    # Who represents that business.
    organiser_representative: str
    # Its business registration number.
    organiser_registration_number: str
    # The number of its mail-order sales report.
    organiser_mail_order_number: str
    # Its address.
    organiser_address: str
    # Where its customers write to.
    organiser_email: str
    # Where its customers call.
    organiser_phone: str
    # When somebody answers there.
    organiser_hours: str
    # Port of `make run` on 127.0.0.1.
    port: int
    # False only for tests and load (RATE_LIMITS=off); refused in production.
    rate_limits: bool
    # Sockets one process serves before it answers 503 and the page polls instead.
    sockets_max: int
    # How many trusted proxies stand in front (nginx: 1). 0 believes no forwarding header.
    proxies: int
    # Accepted bids of one auction that may wait to be recorded before further ones are turned away.
    backlog_max: int
    # Replicas of the database of which one must have each commit before it is answered; without them, warnings.
    database_replicas: int
    # Folders on the disks of live store and ledger, colons between, where this machine has them; bidding pauses while
    # one is nearly full. The embedded store's and SQLite's folders unless set.
    disk_paths: tuple[Path, ...]
    # Bytes that must stay free there; 0: a tenth of the disk, or 1 GiB where that is less.
    disk_free_min: int
    # Public keys (age1…) that backups are encrypted for; without any they stay plain.
    backup_recipients: tuple[str, ...]
    # Folder of the re-encoded poster pictures; in instance/ unless set. All web processes must see the same one.
    posters: Path
    # Folder in which each process witnesses accepted bids, where both stores are one; in instance/ unless set. All
    # processes of a machine must see the same one.
    witness_dir: Path
    # Name of this release in log lines, such as a commit.
    version: str
    # Folder for everything made by running: key, database, embedded store, mail, SMS.
    instance: Path
    # True when no REDIS_URL was given, so that `make run` starts the store in instance/.
    embedded_store: bool

    @property
    def production(self) -> bool:
        return self.app_env == "production"

    @property
    def store_urls(self) -> dict[str, str]:
        """The URL of every live store by its name, the one of REDIS_URL first."""
        return {FIRST_STORE: self.redis_url, **dict(self.live_stores)}

    @property
    def signing_keys(self) -> tuple[str, ...]:
        """The signing keys, oldest first: the last one signs, all of them are taken."""
        return (*reversed(self.secret_key_fallbacks), self.secret_key)
