"""One run after the other in one installation. Servers and people stay; concerts and auctions are new each time."""

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from lab.signed_in import SignedIn, add_people, sign_in
from tests.staging.mail_server import running_mail_server
from tests.storm.fault_campaign.installation import Installation
from tests.storm.fault_campaign.judgement import judge
from tests.storm.fault_campaign.recovery import Wait, waits
from tests.storm.fault_campaign.report import Report
from tests.storm.fault_campaign.run import Run
from tests.storm.fault_campaign.stores import StoreLog

PEOPLE = 800


@dataclass
class Outcome:
    """One judged run in plain numbers and text, so that it can be kept in a file."""

    seed: int
    accepted: int
    refused: int
    recorded: int
    seen: int
    alerts: int
    faults: dict[str, int]
    waits: list[tuple[str, str, float | None, str]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def sentence(self) -> str:
        """One line about the run."""
        judgement = "sound" if not self.complaints else f"{len(self.complaints)} COMPLAINTS"
        return (
            f"seed {self.seed}: {sum(self.faults.values())} faults, {self.accepted} accepted, {self.refused} refused, "
            f"{self.seen} boards and standings and {self.alerts} alerts judged: {judgement}"
        )


class Campaign:
    """Everything that is started once. Call `run` from the thread that entered."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._installation: Installation
        self._guests: list[SignedIn]

    def __enter__(self) -> "Campaign":
        self._stack = ExitStack()
        self._mail_server = self._stack.enter_context(running_mail_server())
        self._installation = Installation(self._folder, settings={"MAIL_URL": self._mail_server.url})
        try:
            self._installation.start()
            with self._installation.app.app_context():
                self._guests = sign_in(self._installation.app, add_people(PEOPLE))
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        with self._stack:
            self._installation.stop()

    def run(self, seed: int, seconds: float, *, keep: bool = False) -> Outcome:
        """Do one run and judge it."""
        self._installation.empty_live_store()
        run = Run(self._installation, self._guests, seed, seconds, self._mail_server.letters)
        log = StoreLog(self._installation.live_store)
        try:
            record = run.run(log)
        finally:
            log.close()
        tally = judge(record)
        if not keep:
            run.forget()
        return Outcome(
            seed=seed,
            accepted=record.accepted,
            refused=record.refused,
            recorded=tally.recorded,
            seen=tally.seen,
            alerts=tally.alerts,
            faults=dict(Counter(fault.kind for fault in record.faults)),
            waits=[(wait.kind, wait.what, wait.seconds, wait.cause) for wait in waits(record)],
            complaints=tally.complaints,
        )


def add(report: Report, outcome: Outcome) -> None:
    """Add an outcome to the report."""
    report.seeds.append(outcome.seed)
    for name in ("accepted", "refused", "recorded", "seen", "alerts"):
        setattr(report, name, getattr(report, name) + getattr(outcome, name))
    report.faults.update(outcome.faults)
    report.take([Wait(*wait) for wait in outcome.waits], outcome.seed)
    if outcome.complaints:
        report.complaints[outcome.seed] = outcome.complaints
