"""Which statements the text of a backup may hold: tables as `SHOW CREATE TABLE` prints ours, and rows of plain values.

Whoever wrote the text may be somebody else. A value that is computed, a table that is filled by a question, and one
whose rows lie elsewhere could read files, other databases, and passwords of the server, or wait without end.
"""

import re

from cashticket.work.backup.dumping import SETTINGS

TABLE_BYTES_MAX = 64 * 1024
SET = frozenset(each.encode() for each in SETTINGS)
# Each value is taken whole or not at all, so that reading a long statement takes no longer than it is.
_ROWS = re.compile(
    rb"INSERT INTO `\w++` \(`\w++`(?:, `\w++`)*+\) VALUES\n"
    rb"(?:\((?:(?:NULL|0x[0-9a-f]++|'[^'\\]*+(?:\\.[^'\\]*+)*+')(?:, (?!\))|(?=\))))++\)(?:,\n(?=\()|\Z))++",
    re.DOTALL,
)
_NAME_OR_TEXT = re.compile(rb"`[^`]*+`|'[^'\\]*+(?:\\.[^'\\]*+)*+'", re.DOTALL)
# Names and texts stand in it as one sign each.
_TABLE = re.compile(
    rb"CREATE TABLE ` (\(\s*` .*\))(?: (?:ENGINE=InnoDB|AUTO_INCREMENT=\d+|DEFAULT CHARSET=\w+|COLLATE=\w+|COMMENT='+"
    rb"|ROW_FORMAT=\w+))*",
    re.DOTALL,
)
_COMPUTED = re.compile(rb'["#;]|/\*|--|\bDEFAULT\b(?! (?:NULL|\'|-?\d|current_timestamp))', re.IGNORECASE)


def is_ours(statement: bytes) -> bool:
    """Whether `dumping` may have written a statement, here without its end."""
    if statement in SET or _ROWS.fullmatch(statement):
        return True
    if len(statement) > TABLE_BYTES_MAX:
        return False
    shape = _NAME_OR_TEXT.sub(lambda token: token[0][:1], statement)
    table = _TABLE.fullmatch(shape)
    return table is not None and not _COMPUTED.search(table[1]) and _is_one_group(table[1])


def _is_one_group(text: bytes) -> bool:
    """Whether the first parenthesis ends with the text, and not before."""
    depth = 0
    for place, sign in enumerate(text, 1):
        depth += (sign == ord("(")) - (sign == ord(")"))
        if depth == 0:
            return place == len(text)
    return False
