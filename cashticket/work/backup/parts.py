"""The parts of a backup as files in its folder: as they are, or encrypted in the age format with the suffix .age.

They are encrypted while they are copied, so that no plain file is ever in the folder, whenever the program is killed.
A list of all parts with their digests is written last: what is cut off, altered, missing or of another backup is found
before anything is put back. age hides what a backup holds; it does not prove who wrote it.
"""

import io
import json
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from pyrage.x25519 import Identity, Recipient

from cashticket.errors import OperatorError
from cashticket.work.backup.sealing import (
    Digested,
    NotOpened,
    Nowhere,
    Sink,
    Source,
    WrongIdentity,
    decrypt,
    encrypt,
)

SUFFIX = ".age"
LIST_NAME = "contents.json"
NAME = re.compile(r"(?:[a-z]+(?:\.[A-Za-z0-9_-]{1,64})?/)?[A-Za-z0-9][A-Za-z0-9._-]{0,120}")
BLOCK = 1 << 20


class NotReadable(OperatorError):
    """A backup is not whole, or cannot be opened. Nothing was put back."""


class NewParts:
    """The parts of a backup that is being made in `folder`, for `recipients`; without any they stay plain."""

    def __init__(self, folder: Path, recipients: Sequence[Recipient]) -> None:
        self.folder, self._recipients = folder, list(recipients)
        self._digests: dict[str, str] = {}

    def add(self, name: str, source: Source) -> int:
        """Write everything that `source` gives as the part `name`. Returns the bytes of the file. Raises OSError."""
        path = self._path(name)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(path, "xb", opener=_for_owner) as file:
            target = Digested(file)
            if self._recipients:
                encrypt(source, target, self._recipients)
            else:
                shutil.copyfileobj(source, target, BLOCK)
            file.flush()
            os.fsync(file.fileno())
            self._digests[name] = target.digest.hexdigest()
            return file.tell()

    def take_back(self, under: str) -> None:
        """Take back every part in the folder `under`."""
        shutil.rmtree(self.folder / under, ignore_errors=True)
        self._digests = {name: digest for name, digest in self._digests.items() if not name.startswith(f"{under}/")}

    def finish(self) -> None:
        """Write the list of all parts."""
        parts = {"parts": self._digests}
        self.add(LIST_NAME, io.BytesIO(json.dumps(parts, indent=1).encode()))
        for folder in {self._path(name).parent for name in self._digests} | {self.folder}:
            sync_folder(folder)

    def _path(self, name: str) -> Path:
        return self.folder / (name + SUFFIX if self._recipients else name)


class SavedParts:
    """The parts of a backup that was made. `identities` open it; without any it must be a plain one."""

    def __init__(self, folder: Path, identities: Sequence[Identity] = ()) -> None:
        """Raises NotReadable for a plain one with identities, an encrypted one without, and for what is no backup."""
        self.folder, self._identities = folder, list(identities)
        plain, encrypted = (folder / LIST_NAME).exists(), (folder / (LIST_NAME + SUFFIX)).exists()
        if self._identities and not encrypted:
            raise NotReadable(
                f"{folder} is not encrypted, or its list {LIST_NAME}{SUFFIX} is missing: somebody may have put it "
                "there. Leave --identity out only if you know who made it."
            )
        if encrypted and not self._identities:
            raise NotReadable(f"{folder} is encrypted: name the file of its private key with --identity.")
        if not plain and not encrypted:
            raise NotReadable(
                f"{folder} has no list {LIST_NAME}, which is written last: it is no backup, or one that was ended in "
                "the middle. Take another one."
            )
        self._digests: dict[str, str] = {}
        self._digests = self._listed()
        self.names = sorted(self._digests)

    def read(self, name: str, target: Sink) -> None:
        """Write what the part `name` holds to `target`. Raises NotReadable as soon as it is altered or cut off."""
        path = self.folder / (name + SUFFIX if self._identities else name)
        try:
            file = path.open("rb")
        except FileNotFoundError:
            raise NotReadable(f"{path} is missing: the backup is not whole.") from None
        with file:
            source = Digested(file)
            if self._identities:
                self._open(path, source, target)
            else:
                shutil.copyfileobj(source, target, BLOCK)
            self._check_digest(name, path, source)

    def _open(self, path: Path, source: Digested, target: Sink) -> None:
        try:
            decrypt(source, target, self._identities)
        except WrongIdentity as error:
            raise NotReadable(
                f"{path} is encrypted for other keys than this identity, or its beginning was altered: "
                "name the identity that the backup was made for (an older one if the key was changed since)."
            ) from error
        except NotOpened as error:
            raise NotReadable(f"{path} is cut off, altered, or no encrypted file. Take another copy.") from error

    def text(self, name: str) -> str:
        """What a small part holds. Raises NotReadable."""
        content = io.BytesIO()
        self.read(name, content)
        return content.getvalue().decode("utf-8", "replace")

    def check(self) -> None:
        """Read every part to its end, and keep nothing. Raises NotReadable."""
        for name in self.names:
            self.read(name, Nowhere())

    def _listed(self) -> dict[str, str]:
        try:
            digests: dict[str, str] = json.loads(self.text(LIST_NAME))["parts"]
            listed = {str(name): str(digest) for name, digest in digests.items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            listed = {}
        if not listed or not all(map(NAME.fullmatch, listed)):
            raise NotReadable(f"{self.folder} is no backup that this release reads: its list of parts is damaged.")
        return listed

    def _check_digest(self, name: str, path: Path, source: "Digested") -> None:
        if name == LIST_NAME:
            return
        while source.read(BLOCK):
            pass
        if source.digest.hexdigest() != self._digests[name]:
            raise NotReadable(f"{path} is cut off, altered, or of another backup. Take another copy of this backup.")


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _for_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
