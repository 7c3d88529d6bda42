"""The installation of the trials, started once: everything as in the fault campaign, on a replicated database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab.servers.replicated_database import ReplicatedDatabase
from lab.signed_in import SignedIn, add_people, sign_in
from tests.staging.mail_server import MailServer, running_mail_server
from tests.storm.database_replica.trial import ReplicaRun
from tests.storm.fault_campaign.installation import Installation
from tests.storm.fault_campaign.judgement import Tally, judge
from tests.storm.fault_campaign.run import RunRecord
from tests.storm.fault_campaign.stores import StoreLog

PEOPLE = 300


@dataclass
class Trial:
    """What came of one trial. `killed` are the seconds without a primary."""

    record: RunRecord
    tally: Tally
    killed: float | None


@dataclass
class Trials:
    """The running installation."""

    installation: Installation
    database: ReplicatedDatabase
    guests: list[SignedIn]
    mail_server: MailServer

    def run(self, phase: str, seed: int, seconds: float) -> Trial:
        """Do one trial and judge it. The former primary is a replica again afterwards."""
        self.installation.empty_live_store()
        run = ReplicaRun(self.installation, self.guests, seed, seconds, self.mail_server.letters)
        run.record.faults, run.phase, run.database = [], phase, self.database
        log = StoreLog(self.installation.live_store)
        try:
            record = run.run(log)
        finally:
            log.close()
        self.database.add_replica()
        return Trial(record, judge(record), run.killed)


@contextmanager
def started_trials(folder: Path) -> Iterator[Trials]:
    """Start everything, and stop it in the end."""
    database = ReplicatedDatabase(folder.parent)
    with running_mail_server() as mail_server:
        installation = Installation(folder, database, {"DATABASE_REPLICAS": "1", "MAIL_URL": mail_server.url})
        try:
            installation.start()
            with installation.app.app_context():
                guests = sign_in(installation.app, add_people(PEOPLE))
            yield Trials(installation, database, guests, mail_server)
        finally:
            installation.stop()
