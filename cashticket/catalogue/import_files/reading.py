"""Reads a file of concerts into a table, whatever kind it is of."""

import re

from cashticket.catalogue.concerts import NotPublishable
from cashticket.catalogue.import_files import objects, separated, workbooks
from cashticket.catalogue.import_files.encodings import text_of
from cashticket.catalogue.import_files.heading import table_of
from cashticket.catalogue.import_files.kinds import is_workbook
from cashticket.catalogue.import_files.table import BYTES_MAX, Table, Tell

# An array or object; a title above a list may begin with a bracket too.
JSON_START = re.compile(r'\s*(?:\[\s*[\[{\]"]|\{\s*["}])')


def read_table(content: bytes, name: str, tell: Tell) -> Table:
    """The rows of a file called `name`, and the faults of its heading. Tells how the file was read where that may be a
    surprise. Raises NotPublishable for a file that cannot be read, with what to do."""
    if len(content) > BYTES_MAX:
        raise NotPublishable(f"{name} is larger than {BYTES_MAX // 1_000_000} MB; split it.")
    if is_workbook(content, name):
        return table_of(workbooks.lines_of(content, name, tell), name, "sheet", tell)
    text = text_of(content, name, tell)
    if _is_json(text):
        return table_of(objects.lines_of(text, name), name, "", tell, heading=0)
    return table_of(separated.lines_of(text, name, tell), name, "line", tell)


def _is_json(text: str) -> bool:
    starts_so = text.lstrip().startswith(("[", "{"))
    return starts_so and (JSON_START.match(text) is not None or not separated.has_heading(text))
