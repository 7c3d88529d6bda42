"""A backup's text may make tables and add rows of plain values; whatever else somebody wrote into it is refused."""

import pytest

from cashticket.work.backup.statements import TABLE_BYTES_MAX, is_ours

TABLE = b"""CREATE TABLE `one` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `told` varchar(200) NOT NULL DEFAULT '' COMMENT 'it''s (one',
  `at` datetime(6) DEFAULT current_timestamp(6),
  `facts` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`facts`)),
  `twice` decimal(13,2) GENERATED ALWAYS AS (`price` * 2) STORED,
  PRIMARY KEY (`id`),
  CONSTRAINT `one_of_two` FOREIGN KEY (`other`) REFERENCES `two` (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=5 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='a; b\\nit''s'"""
ROWS = b"INSERT INTO `one` (`id`, `told`) VALUES\n('1', 'it\\'s ), (SLEEP(1)'),\n('2', NULL),\n('3', 0x00ff)"


@pytest.mark.parametrize("statement", [b"SET FOREIGN_KEY_CHECKS = 0", TABLE, ROWS])
def test_what_a_backup_writes_is_taken(statement: bytes) -> None:
    assert is_ours(statement)


@pytest.mark.parametrize(
    "values",
    [
        b"(SLEEP(1000000))",
        b"(LOAD_FILE('/etc/passwd'))",
        b"((SELECT authentication_string FROM mysql.user LIMIT 1))",
        b"('1'),\n(@@datadir)",
        b"('1' /*! + SLEEP(9) */)",
        b"('1') ON DUPLICATE KEY UPDATE `id` = 2",
        b"('1') RETURNING `id`",
    ],
)
def test_a_value_that_is_computed_is_refused(values: bytes) -> None:
    assert not is_ours(b"INSERT INTO `a` (`id`) VALUES\n" + values)


@pytest.mark.parametrize(
    "statement",
    [
        b"CREATE TABLE `a` (`id` INT) SELECT User FROM mysql.user",
        b"CREATE TABLE `a` (`id` INT) AS SELECT (1) ENGINE=InnoDB",
        b"CREATE TABLE `a` (SELECT 1)",
        b"CREATE TABLE `a` (LIKE mysql.user)",
        b"CREATE TABLE `a` (`id` INT) ENGINE=InnoDB DATA DIRECTORY='/tmp'",
        b"CREATE TABLE `a` (`id` INT) ENGINE=FEDERATED CONNECTION='mysql://mallory@192.0.2.66/a/a'",
        b"CREATE TABLE `a` (`id` INT DEFAULT (SLEEP(9)))",
        b"CREATE TABLE `a` (`i'd` INT) SELECT `x'`",
        b"CREATE TABLE `a` (`id` INT /* ' */) SELECT 1 /* ' */)",
        b"CREATE TABLE `a` (`id` INT COMMENT \"'\") SELECT 1 -- ')",
        b"CREATE TABLE `a` (`id` INT COMMENT '" + b"x" * TABLE_BYTES_MAX + b"')",
        b"CREATE TABLE `mysql`.`a` (`id` INT)",
    ],
)
def test_a_table_that_is_more_than_its_columns_is_refused(statement: bytes) -> None:
    assert not is_ours(statement)
