"""The installation that bids are measured on: its settings, and one published auction with twenty seats."""

import json
import subprocess
import sys
from pathlib import Path

from bench import servers
from cashticket.auction.terms import NO_CEILING


def settings(folder: Path, live_store: str) -> dict[str, str]:
    """The environment of an installation whose ledger, mails and witness are in `folder`, without rate limits."""
    return {
        "APP_ENV": "development",
        "SECRET_KEY": "a key for measuring only",
        "DATABASE_URL": f"sqlite:///{folder}/ledger.db",
        "REDIS_URL": live_store,
        "RATE_LIMITS": "off",
        "MAIL_URL": f"file:{folder}/mail",
        "WITNESS_DIR": f"{folder}/witness",
    }


def publish() -> int:
    """Make the tables, and a concert with an auction that runs for two hours. Returns the auction's id."""
    flask("db", "upgrade")
    concert = ["--title", "Bench", "--artist", "Bench", "--venue", "Bench", "--starts", "2099-01-01T19:00:00+09:00"]
    concert_id = json.loads(flask("concert", "add", *concert, "--json"))["id"]
    prices = ["--minimum", "100000", "--step", "1000", "--maximum", str(NO_CEILING)]
    terms = ["--seats", "20", *prices, "--opens", "now", "--closes", "+2h"]
    return int(json.loads(flask("auction", "add", "--concert", str(concert_id), *terms, "--json"))["id"])


def flask(*arguments: str) -> str:
    """What a command of the product prints. Exits with its complaint when it fails."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=servers.ROOT, check=False)
    if answer.returncode:
        sys.exit(f"flask {' '.join(arguments)} failed:\n{answer.stderr}")
    return answer.stdout
