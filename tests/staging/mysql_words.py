"""What MySQL 8.4 takes otherwise than MariaDB, to look for in statements where there is no server of it."""

import re

from sqlalchemy.dialects import mysql

# Reserved since MySQL 8.0 and free in MariaDB: as a bare name they end a statement.
RESERVED = (
    *(
        "cube",
        "cume_dist",
        "dense_rank",
        "empty",
        "except",
        "first_value",
        "function",
        "grouping",
        "groups",
        "intersect",
    ),
    *("intersect", "json_table", "lag", "last_value", "lateral", "lead", "manual", "nth_value", "ntile", "of"),
    *(
        "over",
        "parallel",
        "percent_rank",
        "qualify",
        "rank",
        "recursive",
        "row_number",
        "rows",
        "system",
        "tablesample",
        "window",
    ),
)
BARE = re.compile(rf"(?<![`:\w.@])({'|'.join(RESERVED)})(?![`\w(])", re.IGNORECASE)
# The words as they are meant.
MEANT = re.compile(r"UPDATE OF|OVER \(", re.IGNORECASE)
TEXTS = re.compile(r"'[^']*'")
MARIADB_ALONE = re.compile(
    r"\bRETURNING\b|@@tx_|tx_isolation|\b(COLUMN|INDEX|KEY|CONSTRAINT) IF (NOT )?EXISTS|uca1400|\bNEXTVAL\b|"
    r"\bSLAVE\b|CHANGE MASTER|MASTER_GTID|gtid_(slave|current|binlog)_pos|\bUUID\b|INET6|MEDIAN\(|OPTIMIZER_COSTS",
)


def mysql_dialect() -> mysql.dialect:
    """The dialect as it is after connecting to MySQL 8.4."""
    dialect = mysql.dialect()
    dialect._set_mariadb(False, (8, 4, 0))
    dialect.server_version_info = (8, 4, 0)
    return dialect


def odd_words(sql: str) -> list[str]:
    """What MySQL 8.4 would not take in a statement."""
    plain = MEANT.sub("", TEXTS.sub("''", sql))
    return [found.group() for found in (*MARIADB_ALONE.finditer(plain), *BARE.finditer(plain))]
