"""The client programs of MySQL and MariaDB: one writes a dump, one reads it."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from sqlalchemy.engine import URL


@dataclass(frozen=True, slots=True)
class Program:
    """Either of the `names` may be installed. It writes to a pipe, or else reads from one."""

    names: tuple[str, ...]
    options: tuple[str, ...]
    writes: bool


DUMPS = Program(
    ("mariadb-dump", "mysqldump"),
    ("--single-transaction", "--skip-lock-tables", "--no-tablespaces", "--hex-blob", "--skip-comments"),
    writes=True,
)
# A dump that somebody put in the place of ours starts no program and reads no file here, where the client can say so.
READS = Program(
    ("mariadb", "mysql"), ("--local-infile=0", "--loose-sandbox", "--loose-system-command=OFF"), writes=False
)


class ProgramFailed(Exception):
    """`sentence` says which one, and its last words."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence


@contextmanager
def program_of(program: Program, url: URL) -> Iterator["subprocess.Popen[bytes]"]:
    """Runs it while the block does, on the database at `url`; its end is waited for. Raises ProgramFailed."""
    path = next(filter(None, map(shutil.which, program.names)), None)
    if path is None:
        names = ", ".join(program.names)
        raise ProgramFailed(f"None of {names} is installed: install the client programs of the database.")
    with _defaults(url) as number, TemporaryFile() as words:
        command = [path, f"--defaults-extra-file=/dev/fd/{number}", *program.options, str(url.database)]
        ends = (subprocess.DEVNULL, subprocess.PIPE) if program.writes else (subprocess.PIPE, subprocess.DEVNULL)
        process = subprocess.Popen(command, stdin=ends[0], stdout=ends[1], stderr=words, pass_fds=(number,))
        try:
            yield process
            if process.stdin:
                process.stdin.close()
        except BrokenPipeError:
            # It has ended, and says why.
            pass
        except BaseException:
            # Before its pipe is closed: a reader must not take what came so far for the whole.
            process.kill()
            _close(process)
            raise
        if process.wait():
            _close(process)
            raise ProgramFailed(f"{Path(path).name} failed: {_last(words)}")
        _close(process)


def _close(process: "subprocess.Popen[bytes]") -> None:
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is None:
            continue
        try:
            pipe.close()
        except BrokenPipeError:
            continue


def _last(words: IO[bytes]) -> str:
    words.seek(0)
    return words.read().decode(errors="replace").strip()[-500:]


@contextmanager
def _defaults(url: URL) -> Iterator[int]:
    """An open file without a name, so that the password is in no list of processes and remains nowhere."""
    wanted = {
        "user": url.username,
        "password": url.password,
        "host": url.host,
        "port": url.port,
        "socket": url.query.get("unix_socket"),
        "ssl-ca": url.query.get("ssl_ca"),
    }
    quoted = {name: str(value).replace("\\", "\\\\").replace('"', '\\"') for name, value in wanted.items() if value}
    with TemporaryFile() as file:
        file.write(("[client]\n" + "".join(f'{name}="{value}"\n' for name, value in quoted.items())).encode())
        file.flush()
        file.seek(0)
        yield file.fileno()
