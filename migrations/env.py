"""Alembic's entry: the schema of `cashticket.models`, on whatever database the application is configured for."""

from alembic import context
from flask import current_app

database = current_app.extensions["migrate"].db
arguments = current_app.extensions["migrate"].configure_args


def run() -> None:
    """Upgrade or downgrade on one connection; autogeneration compares types as well and writes no empty revision."""
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            # Neither database undoes a CREATE TABLE reliably, so each revision counts on its own.
            transaction_per_migration=True,
            **{"compare_type": True, **arguments},
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("migrations run on a live database: set DATABASE_URL and leave out --sql")
run()
