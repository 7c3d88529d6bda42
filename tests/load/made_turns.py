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
