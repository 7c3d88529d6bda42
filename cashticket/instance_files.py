"""Files that a checkout makes in its instance folder: the development key, and the embedded store's socket."""

import os
import re
import secrets
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

# The system's socket addresses hold 104 to 108 bytes, and clients split a store's answers about itself at spaces.
PLAIN_SOCKET_PATH = re.compile(rb"[A-Za-z0-9._/@+-]{1,100}")


def embedded_socket(instance: Path) -> Path:
    """Return where the embedded store listens: instance/redis.sock, or a folder with a plain path it links to."""
    path = instance / "redis.sock"
    return path if PLAIN_SOCKET_PATH.fullmatch(os.fsencode(path)) else _plain_socket(path)


def generated_key(instance: Path) -> str:
    """Return the development key, made once and readable by its owner only. Two processes that start at once agree."""
    path = instance / "secret_key"
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        draft = instance / f"secret_key.{secrets.token_hex(4)}"
        with open(draft, "x", opener=_owner_only) as file:
            file.write(secrets.token_hex(32))
        # A hard link appears complete or not at all, so no process reads half a key.
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _plain_socket(link: Path) -> Path:
    """Return a socket path in a private folder. `link` points to it, so that all processes agree."""
    while True:
        if link.is_symlink():
            target = link.readlink()
            if _is_private(target.parent):
                return target
            link.unlink(missing_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="cashticket-"))
        link.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            link.symlink_to(folder / "redis.sock")
        except FileExistsError:
            folder.rmdir()
            if not link.is_symlink():
                raise


def _is_private(folder: Path) -> bool:
    """Whether `folder` belongs to this account only; a folder that was cleaned away is made again."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    status = folder.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & 0o077
