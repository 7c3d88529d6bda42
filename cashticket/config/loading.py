"""Reads the environment into settings, or refuses with all that is wrong."""

from collections.abc import Mapping
from pathlib import Path

from cashticket.config.problems import problems
from cashticket.config.reading import READERS, uses_embedded_store
from cashticket.config.setting_files import with_files
from cashticket.config.settings import Settings

FORMER_NAMES = {"BACKLOG_MOST": "BACKLOG_MAX", "DISK_FREE_LEAST": "DISK_FREE_MIN"}
"""Former name → present name of a setting. The former one is read while the present one is not set."""


class SettingsError(Exception):
    """The environment is not usable; the message lists every problem."""


def load(environ: Mapping[str, str], instance: Path) -> Settings:
    """Return the settings that `environ` gives. Raises SettingsError naming every missing or malformed one."""
    values, faulty_files = with_files(_with_present_names(environ), [name.upper() for name in READERS])
    # A setting whose file is wrong is named once, for its file.
    sentences = [*faulty_files.values(), *(text for name, text in problems(values) if name not in faulty_files)]
    if sentences:
        raise SettingsError("CashTicket cannot start:\n" + "\n".join(f"  - {sentence}" for sentence in sentences))
    settings = {name: read(values, instance) for name, read in READERS.items()}
    return Settings(**settings, instance=instance, embedded_store=uses_embedded_store(values))


def _with_present_names(environ: Mapping[str, str]) -> Mapping[str, str]:
    """`environ`, with a setting given only under its former name moved to its present one."""
    former = {new: environ[old] for old, new in FORMER_NAMES.items() if old in environ and new not in environ}
    return {**environ, **former}
