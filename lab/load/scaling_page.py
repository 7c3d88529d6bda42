"""The worked sizes of docs/scaling.md, each the output of the command.

    python -m lab.load.scaling_page

writes them anew.
"""

import subprocess
import sys
from collections.abc import Callable

from lab.load.held_out import PAGE, ROOT

SIZES = (10_000, 100_000, 500_000)


def arguments(fans: int) -> list[str]:
    """The command of one size, as typed after `flask`."""
    return ["ops", "capacity", "--fans", str(fans), "--auctions", "1", "--seats", "200"]


def with_outputs(text: str, output_of: Callable[[list[str]], str]) -> str:
    """The page with the output of each size between its marks."""
    for fans in SIZES:
        begins, ends = f"<!-- capacity {fans}: begin -->", f"<!-- capacity {fans}: end -->"
        before, _, rest = text.partition(begins)
        block = f"```\n{output_of(arguments(fans)).rstrip()}\n```"
        text = f"{before}{begins}\n{block}\n{ends}{rest.partition(ends)[2]}"
    return text


def _output_of(words: list[str]) -> str:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def main() -> None:
    PAGE.write_text(with_outputs(PAGE.read_text(encoding="utf-8"), _output_of), encoding="utf-8")


if __name__ == "__main__":
    main()
