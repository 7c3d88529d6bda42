"""Raw files of turns that nobody drove, for tests of what is computed from them."""

from pathlib import Path
from typing import Any

from lab.load import raw


def write_turn(place: Path, rate: int, seconds: int, waited_ms: float, **changes: Any) -> None:
    """A turn in which each bid waited so long and was accepted. `changes` of turn.json."""
    place.mkdir(parents=True)
    count = rate * seconds
    rows = (f"{n * 1000 // rate}\t{n * 1000 // rate + 1}\t{n}\t201\t{waited_ms}\t\n" for n in range(count))
    (place / "answers.tsv").write_text("".join(rows))
    raw.compress(place / "answers.tsv")
    raw.write_json(place / "k6.json", {"metrics": {}})
    client = {"cpu_seconds": 1.0, "seconds": float(seconds), "cores": 1}
    facts: dict[str, Any] = {"rate": rate, "seconds": seconds, "client": client, "backlog": [], "recorded_after_s": 0.1}
    facts |= {"ledger_bids": count, "violations": [], "cpu_seconds": {"web": 1.0}}
    raw.write_json(place / "turn.json", facts | changes)


def add_repeat(run: Path, knees: dict[str, int], seconds: int) -> None:
    """Write a second repeat of a run, in which each system held its knee and choked at twice that rate."""
    for name, knee in knees.items():
        place = run / name / "repeat-02"
        write_turn(place / "turn-01", knee, seconds, 40.0)
        write_turn(place / "turn-02", knee * 2, seconds, 900.0)
        raw.write_json(place / "measured.json", {"began_at": "then", "other_work_cores": 0.0})
