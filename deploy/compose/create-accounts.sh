# shellcheck shell=sh
# Makes the two accounts of the database: cashticket, with which the product runs, and cashticket_migrate, which changes
# tables. The passwords are files. The image of MariaDB reads this once, when the database is empty; elsewhere it prints
# the statements, for an administrator to run:
#
#   sh create-accounts.sh | mariadb
#
# The first account may read and add rows. `flask db upgrade` gives it the rest, table by table (DATABASE_ACCOUNT).
password() {
    # As the text of a statement: quotes doubled, backslashes too.
    tr -d '\r\n' <"$1" | sed -e 's/\\/\\\\/g' -e "s/'/''/g"
}

statements() {
    cat <<STATEMENTS
CREATE DATABASE IF NOT EXISTS cashticket CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE USER 'cashticket'@'%' IDENTIFIED BY '$(password "${DATABASE_PASSWORD_FILE:-/run/secrets/database_password}")';
CREATE USER 'cashticket_migrate'@'%' IDENTIFIED BY '$(password "${MIGRATION_PASSWORD_FILE:-/run/secrets/migration_password}")';
GRANT SELECT, INSERT ON cashticket.* TO 'cashticket'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES ON cashticket.* TO 'cashticket_migrate'@'%'
    WITH GRANT OPTION;
STATEMENTS
}

if command -v docker_process_sql >/dev/null 2>&1; then
    statements | docker_process_sql --database=mysql
else
    statements
fi
