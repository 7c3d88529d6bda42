"""The units of systemd in deploy/host/systemd, read without systemd: what each one sets, and the command it starts.

Understands what these files use: sections, several values of a key, `%i` and `%%` of a template, `Environment=`,
`EnvironmentFile=`, and `$NAME` in a command.
"""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UNITS = ROOT / "deploy" / "host" / "systemd"
PREFIX = "cashticket-"
COMMON = "cashticket-.service.d/hardening.conf"
ROW = re.compile(r"([A-Za-z]+)=(.*)")


@dataclass(frozen=True)
class Unit:
    """One unit. `rows` are its settings in the order of the file, as (section, key, value)."""

    name: str
    rows: tuple[tuple[str, str, str], ...]

    def values(self, key: str, section: str = "Service") -> list[str]:
        """Every value of a key, in order."""
        return [value for part, name, value in self.rows if (part, name) == (section, key)]

    def value(self, key: str, section: str = "Service") -> str:
        """The last value of a key, empty without one."""
        return (self.values(key, section) or [""])[-1]

    def environment(self) -> dict[str, str]:
        """What `Environment=` and the files of `EnvironmentFile=` set; a file wins, and the last of them."""
        given = [each for row in self.values("Environment") for each in shlex.split(row)]
        for path in self.values("EnvironmentFile"):
            given += [each for row in _lines(Path(path).read_text(encoding="utf-8")) for each in shlex.split(row)]
        return dict(each.split("=", 1) for each in given)

    def command(self, key: str = "ExecStart", environment: dict[str, str] | None = None) -> list[str]:
        """The words of a command. `$NAME` becomes the words of that variable, `$$` a `$`."""
        words: list[str] = []
        for word in shlex.split(self.value(key)):
            name = re.fullmatch(r"\$(\w+)", word)
            words += (environment or {}).get(name[1], word).split() if name else [word.replace("$$", "$")]
        return words


def parse(name: str, text: str) -> Unit:
    """A unit from the text of its file. Raises ValueError for a row that is none."""
    instance = name.partition("@")[2].rpartition(".")[0]
    section, rows = "", []
    for row in _lines(text):
        if row.startswith("["):
            section = row.strip("[]")
        elif setting := ROW.fullmatch(row):
            value = setting[2].replace("%i", instance).replace("%%", "%")
            rows.append((section, setting[1], value))
        else:
            raise ValueError(f"{name}: not understood: {row!r}")
    return Unit(name, tuple(rows))


def file_of(name: str) -> str:
    """The file of a unit: that of its template for an instance."""
    return re.sub(r"@.*\.", "@.", name)


def read(name: str, folder: Path = UNITS) -> Unit:
    """The unit of a name such as cashticket-web@1.service, with what all units have in common."""
    text = (folder / file_of(name)).read_text(encoding="utf-8")
    if name.startswith(PREFIX) and name.endswith(".service"):
        text += "\n" + (folder / COMMON).read_text(encoding="utf-8")
    return parse(name, text)


def _lines(text: str) -> list[str]:
    return [row.strip() for row in text.splitlines() if row.strip() and not row.strip().startswith(("#", ";"))]
