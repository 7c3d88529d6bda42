"""Waits until a process of CashTicket serves: it is alive, has everything it needs, and is of the wanted version.

    gate.py ADDRESS VERSION SECONDS [--alive] [--page PATH]

ADDRESS is host:port. VERSION `any` takes every version. With --alive nothing but life and version counts; with --page
that page must come too. Exits 0 as soon as all is well, otherwise 1 after SECONDS with one line that says what is not.
Uses nothing but Python's own library.
"""

import argparse
import json
import sys
import time
from http.client import HTTPConnection, HTTPException

LOOK_SECONDS = 0.2
ANSWER_SECONDS = 10


def ask(address: str, path: str) -> tuple[int, bytes]:
    """Status and body of GET `path`. Raises OSError and HTTPException."""
    connection = HTTPConnection(address, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def fault(address: str, version: str, *, alive_is_enough: bool, page: str | None) -> str:
    """What is not well, empty when all is. Raises OSError, HTTPException and ValueError."""
    status, _ = ask(address, "/healthz")
    if status != 200:
        return f"/healthz answers {status}"
    status, body = ask(address, "/readyz")
    condition = json.loads(body)
    if version not in ("any", condition.get("version")):
        return f"/readyz is of version {condition.get('version')} and not {version}"
    if status != 200 and not alive_is_enough:
        return f"/readyz misses {', '.join(condition.get('missing', ['something']))}"
    if page and (status := ask(address, page)[0]) != 200:
        return f"{page} answers {status}"
    return ""


def wait(address: str, version: str, seconds: float, *, alive_is_enough: bool, page: str | None) -> str:
    """The last fault after `seconds`, empty as soon as there is none."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            last = fault(address, version, alive_is_enough=alive_is_enough, page=page)
        except (OSError, HTTPException, ValueError) as error:
            last = f"no answer ({type(error).__name__})"
        if not last or time.monotonic() >= deadline:
            return last
        time.sleep(LOOK_SECONDS)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address")
    parser.add_argument("version")
    parser.add_argument("seconds", type=float)
    parser.add_argument("--alive", action="store_true")
    parser.add_argument("--page")
    given = parser.parse_args()
    last = wait(given.address, given.version, given.seconds, alive_is_enough=given.alive, page=given.page)
    sys.stderr.write(f"{given.address}: {last}\n" if last else "")
    return bool(last)


if __name__ == "__main__":
    sys.exit(main())
