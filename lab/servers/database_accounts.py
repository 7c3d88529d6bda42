"""The two accounts of a database as docker-compose.yml makes them, by the statements that it ships."""

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lab.servers.mariadb_server import MariaDbServer

SCRIPT = Path(__file__).resolve().parents[2] / "deploy" / "compose" / "create-accounts.sh"
PASSWORDS = {"cashticket": "run ' \\ $x \"", "cashticket_migrate": "migrate"}


@dataclass(frozen=True, slots=True)
class Accounts:
    """URLs of one database: `run` for the product, `migrate` for changing tables. `name` is the account of `run`."""

    run: str
    migrate: str
    name: str


def shipped_statements() -> list[str]:
    """The statements of the script, with the PASSWORDS of tests."""
    with tempfile.TemporaryDirectory() as name:
        files = {account: Path(name) / account for account in PASSWORDS}
        for account, file in files.items():
            file.write_text(f"{PASSWORDS[account]}\n")
        environ = {
            "PATH": os.environ["PATH"],
            "DATABASE_PASSWORD_FILE": str(files["cashticket"]),
            "MIGRATION_PASSWORD_FILE": str(files["cashticket_migrate"]),
        }
        done = subprocess.run(["/bin/sh", str(SCRIPT)], env=environ, capture_output=True, text=True, check=True)
    return [each.strip() for each in done.stdout.split(";\n") if each.strip()]


def make_accounts(server: MariaDbServer, database: str) -> Accounts:
    """Make accounts for `database`, which get its name as a suffix so that several databases share a server."""
    suffix = database[-12:]
    for statement in shipped_statements():
        if not statement.startswith("CREATE DATABASE"):
            own = statement.replace("ON cashticket.*", f"ON `{database}`.*")
            for account in PASSWORDS:
                own = own.replace(f"'{account}'@'%'", f"'{account[5:]}_{suffix}'@'%'")
            server.execute(own)
    run, migrate = (f"{account[5:]}_{suffix}" for account in PASSWORDS)
    return Accounts(
        _url(server, database, run, PASSWORDS["cashticket"]),
        _url(server, database, migrate, PASSWORDS["cashticket_migrate"]),
        run,
    )


def _url(server: MariaDbServer, database: str, account: str, password: str) -> str:
    from sqlalchemy.engine import URL

    query = {"unix_socket": server.socket, "charset": "utf8mb4"}
    url = URL.create("mysql+pymysql", account, password, "localhost", database=database, query=query)
    return url.render_as_string(hide_password=False)
