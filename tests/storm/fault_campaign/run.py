"""One run: people bid, faults follow their plan, everything recovers, the auctions settle, and holders decide."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from lab.evidence import Ending
from lab.history import Operation, Pending, Recorder, read
from lab.signed_in import SignedIn
from tests.storm.fault_campaign.auctions import are_handed_over, are_settled, endings, offered, open_auctions, wait_for
from tests.storm.fault_campaign.bidders import Bidder, make_bidders
from tests.storm.fault_campaign.connection import Connection
from tests.storm.fault_campaign.faults import Fault, inject, plan
from tests.storm.fault_campaign.installation import Installation
from tests.storm.fault_campaign.ledger_probe import LedgerProbe
from tests.storm.fault_campaign.mails import drop_rest, urgent_left, wrong_mails
from tests.storm.fault_campaign.stages import StageProbe
from tests.storm.fault_campaign.stores import StoreLog
from tests.storm.fault_campaign.watchers import Watcher, make_watchers

BEAT_SECONDS = 0.02
LAST_SECONDS = 3.0
"""The auctions end so long before the end of the run; soft closes may move some ends."""

HEALED_SECONDS, RESOLVED_SECONDS, SETTLED_SECONDS, HANDED_OVER_SECONDS, MAILED_SECONDS = 60.0, 60.0, 60.0, 60.0, 75.0
MANY = 10
MOVES = ("buy", "buy", "buy and cancel", "decline", "steal", "")


@dataclass
class RunRecord:
    """What happened in a run. `accepted` and `refused` are bids as the bidders counted them.

    `trouble` is what did not come to rest; `versions[auction][version]` is the last bid of each version.
    """

    seed: int
    faults: list[Fault]
    operations: list[Operation] = field(default_factory=list)
    endings: list[Ending] = field(default_factory=list)
    salts: dict[int, str] = field(default_factory=dict)
    versions: dict[int, dict[int, int]] = field(default_factory=dict)
    trouble: list[str] = field(default_factory=list)
    accepted: int = 0
    refused: int = 0
    people: list[int] = field(default_factory=list)


class Run:
    """Everything happens in the thread that calls `run`, apart from bidders, watchers and the ledger probe."""

    def __init__(
        self,
        installation: Installation,
        guests: Sequence[SignedIn],
        seed: int,
        seconds: float,
        letters: Callable[[], list[EmailMessage]],
    ) -> None:
        """`letters` are the mails that the mail server took."""
        self._installation, self._guests, self._seconds, self._letters = installation, guests, seconds, letters
        self._dice = random.Random(f"storm {seed}")
        self.record = RunRecord(seed, plan(seed, seconds), people=[guest.person for guest in guests])
        self._path = installation.folder / f"history-{seed}-{time.time_ns()}.jsonl"
        self._recorder = Recorder(self._path, "storm")

    def run(self, log: StoreLog) -> RunRecord:
        """Play the run once, and close its history however it ends."""
        with self._recorder:
            return self._run(log)

    def _run(self, log: StoreLog) -> RunRecord:
        record, installation = self.record, self._installation
        record.salts = open_auctions(installation.app, self._seconds - LAST_SECONDS)
        auctions = list(record.salts)
        bidders = make_bidders(installation.port, self._recorder, auctions, self._guests, record.seed)
        watchers = make_watchers(installation.port, self._recorder, auctions, self._guests)
        probe = LedgerProbe(installation.ledger.url(), self._recorder, auctions, log)
        stages = StageProbe(installation, self._recorder, auctions)
        everybody: list[Bidder | Watcher | LedgerProbe | StageProbe] = [*bidders, *watchers, probe, stages]
        for each in everybody:
            each.start()
        try:
            self._inject_faults()
            self._expect("the installation to heal", installation.is_ready, HEALED_SECONDS)
            for bidder in bidders:
                bidder.stop()
            self._expect("an end for every request", lambda: not any(c.is_alive() for c in bidders), RESOLVED_SECONDS)
            record.trouble += [
                f"{each.name}: {n} requests without an end" for each in bidders if (n := each.unresolved())
            ]
            self._settle(auctions)
        finally:
            for each in everybody:
                each.stop()
            for each in everybody:
                each.join()
        return self._finished(log, bidders, auctions)

    def _inject_faults(self) -> None:
        """Inject faults and end them, each at its time, and restart whatever ended."""
        began = time.monotonic()
        to_come = list(self.record.faults)
        to_mend: list[tuple[float, Callable[[], None], Pending]] = []
        while (now := time.monotonic() - began) < self._seconds:
            while to_come and to_come[0].at <= now:
                fault = to_come.pop(0)
                facts = {"kind": fault.kind, "action": fault.action, "target": fault.target}
                noted = self._recorder.invoke("fault", **facts, seconds=fault.seconds)
                mend = inject(self._installation, fault)
                if mend is None:
                    noted.ok()
                else:
                    to_mend.append((now + fault.seconds, mend, noted))
            for due in [each for each in to_mend if each[0] <= now]:
                to_mend.remove(due)
                due[1]()
                due[2].ok()
            self._installation.restart_ended()
            time.sleep(BEAT_SECONDS)

    def _expect(self, what: str, condition: Callable[[], bool], seconds: float) -> None:
        if not wait_for(condition, seconds, self._installation.restart_ended):
            self.record.trouble.append(f"waited {seconds:.0f} s for {what}, which never came")

    def _settle(self, auctions: list[int]) -> None:
        """Wait for the settlement, let holders decide, wait for the hand-overs."""
        app = self._installation.app
        self._expect("settlement", lambda: are_settled(app, auctions), SETTLED_SECONDS)
        connection = Connection(self._installation.port, self._recorder, -1)
        guests = {guest.person: guest for guest in self._guests}
        for award, person in offered(app, auctions):
            self._decide(connection, award, guests[person])
        connection.close()
        self._expect("every hand-over", lambda: are_handed_over(app, auctions), HANDED_OVER_SECONDS)
        self._expect("every urgent mail to leave", lambda: urgent_left(app, auctions), MAILED_SECONDS)

    def _decide(self, connection: Connection, award: int, holder: SignedIn) -> None:
        choice = self._dice.choice(MOVES)
        if choice == "steal":
            thief = self._dice.choice([guest for guest in self._guests if guest is not holder])
            connection.move(award, thief, "buy")
        elif choice:
            for move in choice.split(" and "):
                connection.move(award, holder, move)

    def _finished(self, log: StoreLog, bidders: Sequence[Bidder], auctions: list[int]) -> RunRecord:
        record = self.record
        self._recorder.close()
        log.read()
        record.versions = {auction: dict(log.sequences.get(auction, {})) for auction in auctions}
        record.endings, faults = endings(self._installation.app, auctions)
        record.trouble += faults + wrong_mails(self._installation.app, record.endings, self._letters)[:MANY]
        drop_rest(self._installation.app, auctions)
        record.operations = read(self._path)
        record.accepted = sum(each.accepted for each in bidders)
        record.refused = sum(each.refused for each in bidders)
        return record

    def forget(self) -> Path:
        """Delete the history. Returns its path."""
        self._path.unlink(missing_ok=True)
        return self._path
