"""The only reader of the environment: `load` gives the settings, or refuses with one list of everything wrong.

A new setting needs a field of `Settings` (settings.py), a row of `READERS` (reading.py), and a check in problems.py if
it can be malformed. Every setting can also be given as a file, by a variable of its name with _FILE behind it.
"""

from cashticket.config.loading import SettingsError, load
from cashticket.config.settings import Role, Settings
from cashticket.config.unencrypted import unencrypted_links

__all__ = ["Role", "Settings", "SettingsError", "load", "unencrypted_links"]
