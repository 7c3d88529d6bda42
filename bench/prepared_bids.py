"""Bids written down before a measurement, and wrk, which sends them (`bench/load.lua`)."""

import json
import subprocess
from pathlib import Path
from typing import Any

from lab.signed_in import SignedIn

THREADS = 2
CONNECTIONS = 32
CHANCES = 3


def prepare(folder: Path, route: str, guests: list[SignedIn]) -> Path:
    """Write each thread's requests: everybody's first chance, then everybody's second, then the third."""
    name = folder / "requests"
    for thread in range(THREADS):
        mine = guests[thread::THREADS]
        with open(f"{name}.{thread + 1}", "w") as file:
            for nth in range(1, CHANCES + 1):
                for place, guest in enumerate(mine):
                    amount = 100_000 + 1000 * (nth * len(mine) + place)
                    file.write(f"{route}\t{guest.cookie}\t{guest.token}\t{amount}\tr{nth}\n")
    return name


def load(address: str, prepared: Path, seconds: int) -> dict[str, Any]:
    """Send the prepared requests for `seconds`. Returns what `load.lua` prints."""
    command = ["wrk", "-t", str(THREADS), "-c", str(CONNECTIONS), "-d", f"{seconds}s", "--latency"]
    command += ["-s", str(Path(__file__).with_name("load.lua")), address, "--", str(prepared)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    text_line = next(text_line for text_line in printed.splitlines() if text_line.startswith("RESULT "))
    answer: dict[str, Any] = json.loads(text_line.removeprefix("RESULT "))
    return answer
