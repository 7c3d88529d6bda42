"""Alembic's entry: brings the database of MIGRATION_DATABASE_URL, or else DATABASE_URL, to `cashticket.models`."""

import click
from alembic import context
from flask import current_app
from sqlalchemy import Connection, Engine, create_engine

from cashticket.models import applied_revisions, grants, schema, units
from cashticket.wiring import current_settings

database = current_app.extensions["migrate"].db
settings = current_settings()
arguments = current_app.extensions["migrate"].configure_args


def engine() -> Engine:
    """The application's own engine, or one for the account that may change tables."""
    url = settings.migration_database_url
    return database.engine if url == settings.database_url else create_engine(url, **units.engine_options(url))


def forms(heads: tuple[str, ...]) -> dict[str, str]:
    """The forms of all revisions that lead to `heads`."""
    return applied_revisions.forms(context.script.iterate_revisions(heads, "base"))


def say_altered(connection: Connection) -> None:
    """Warn on standard error of revisions that were edited after they were applied here."""
    for sentence in applied_revisions.altered(connection, forms(tuple(context.script.get_heads()))):
        click.echo(f"Warning: {sentence}.", err=True)
    connection.rollback()


def run() -> None:
    """Upgrade or downgrade on one connection; autogeneration compares types as well and writes no empty revision."""
    with engine().connect() as connection:
        if problem := schema.unfinished_restore(connection) or schema.charset_problem(connection):
            raise SystemExit(f"Nothing was changed: {problem}.")
        # Otherwise Alembic would work in the transaction of the question and never commit.
        connection.rollback()
        say_altered(connection)
        steps: list[object] = []
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            # Neither database undoes a CREATE TABLE reliably, so each revision counts on its own.
            transaction_per_migration=True,
            on_version_apply=lambda **applied: steps.append(applied["step"]),
            **{"compare_type": True, **arguments},
        )
        with context.begin_transaction():
            context.run_migrations()
        if steps:
            heads = context.get_context().get_current_heads()
            applied_revisions.record(connection, forms(heads))
        if settings.database_account:
            grants.grant(connection, settings.database_account)


if context.is_offline_mode():
    raise SystemExit("migrations run on a live database: set DATABASE_URL and leave out --sql")
run()
