"""What the measurement of sizes leaves behind: a point for each form, size and round, in points.json."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from lab.load import raw

SCENARIO = "size"
FILE = "points.json"
LIVE_STORE, ROW_LOCK, PROCEDURE = "live-store", "row-lock", "procedure"
FORMS = {
    LIVE_STORE: "live store (Redis) decides",
    ROW_LOCK: "row lock in MariaDB",
    PROCEDURE: "stored procedure in MariaDB",
}


@dataclass(frozen=True, slots=True)
class Point:
    """One measurement: `bids` were accepted while `standing` bids stood. `server_ms` is the processor time of the
    server that decided, `client_ms` that of the process that sent the bids, both for all of them together."""

    form: str
    standing: int
    round: int
    bids: int
    server_ms: float
    client_ms: float
    seconds: float

    @property
    def server_ms_per_bid(self) -> float:
        """Processor time of the server for one bid."""
        return self.server_ms / self.bids


def read_points(folder: Path) -> list[Point]:
    """The points that a folder holds; none before the first."""
    path = folder / FILE
    return [Point(**each) for each in raw.read_json(path)["points"]] if path.exists() else []


def middle(points: Sequence[Point], form: str, size: int) -> float | None:
    """The median round: processor milliseconds of the server for one bid. None where nothing was measured."""
    values = [point.server_ms_per_bid for point in points if point.form == form and point.standing == size]
    return median(values) if values else None


def write_points(folder: Path, points: Iterable[Point]) -> None:
    """Write all points in one step."""
    raw.write_json(folder / FILE, {"points": [asdict(each) for each in points]})
