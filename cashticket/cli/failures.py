"""How commands fail: an expected failure is one line on standard error, and the exit status is not 0.

Bad input, an absent store, a full disk or an unprepared database never end in a traceback: the line says what to do.
"""

import errno
import io
import sys
from typing import Any

import click
import redis
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable, UnknownAuction
from cashticket.errors import OperatorError
from cashticket.logs.failures import failure_text
from cashticket.typed.text import shown_line

NO_SUCH_TABLE, NO_SUCH_COLUMN = 1146, 1054
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)
SENTENCE_MAX = 2_000
"""Characters of a line. Of a longer one, which quotes something enormous, the middle is left out."""

NOT_PREPARED = "The database is not prepared: run `flask --app wsgi db upgrade`, then try again."
LOOK_FIRST = "`flask auction list` shows which there are, and what to do about one that was lost."


class OneLineErrors(click.Command):
    """A command whose expected failures end in one line and exit status 1 or, where it was called wrongly, 2."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            rest = super().parse_args(ctx, args)
            _check_texts(self, ctx)
            return rest
        except click.ClickException as error:
            raise _shortened(error) from None

    def invoke(self, ctx: click.Context) -> Any:
        if isinstance(sys.stdout, io.TextIOWrapper):
            # A terminal that is not set to UTF-8 shows a question mark for what it has not.
            sys.stdout.reconfigure(errors="replace")
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            raise _shortened(error) from None
        except Exception as error:
            sentence = explain(error)
            if sentence is None:
                raise
            raise click.ClickException(one_sentence(sentence)) from error


def _shortened(error: click.ClickException) -> click.ClickException:
    vars(error)["message"] = one_sentence(error.message)
    return error


def one_sentence(text: str) -> str:
    """The text on one line that any terminal can show."""
    line = shown_line(text[: SENTENCE_MAX * 10])
    half = SENTENCE_MAX // 2
    return line if len(line) <= SENTENCE_MAX else f"{line[:half]} … {shown_line(text[-half:])}"


def _check_texts(command: click.Command, ctx: click.Context) -> None:
    """Raises BadParameter for a text of bytes that are not UTF-8. Paths may have such names."""
    for parameter in command.params:
        value = ctx.params.get(parameter.name or "")
        for text in value if isinstance(value, tuple) else [value]:
            if isinstance(text, str) and not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
                raise click.BadParameter("its bytes are not UTF-8; set the terminal to UTF-8.", ctx, parameter)


def explain(error: Exception) -> str | None:
    """Return the line for an expected failure, None for a bug."""
    if isinstance(error, OperatorError):
        return str(error)
    if isinstance(error, StoreUnavailable):
        return f"The live store is not available, nothing was changed: {_first_line(error)}"
    if isinstance(error, OutcomeUnknown):
        return f"The live store did not answer; look before you try again: {_first_line(error)}"
    if isinstance(error, UnknownAuction):
        return f"The live store does not know this auction: {_first_line(error)}. {LOOK_FIRST}"
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename} cannot be used: {error.strerror}."
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return f"The disk takes no more: {error.strerror}."
    if isinstance(error, redis.RedisError):
        return f"The queue's Redis is not available: {failure_text(error)}"
    return _explain_database(error) if isinstance(error, SQLAlchemyError) else None


def _explain_database(error: SQLAlchemyError) -> str | None:
    if not isinstance(error, DBAPIError):
        return f"The database is not usable: {failure_text(error)}"
    text, arguments = str(error.orig), getattr(error.orig, "args", ())
    if "no such table" in text or "no such column" in text or arguments[:1] in ((NO_SUCH_TABLE,), (NO_SUCH_COLUMN,)):
        return NOT_PREPARED
    if isinstance(error, OperationalError):
        return f"The database is not available: {failure_text(error)}"
    return f"The database refused: {failure_text(error)}"


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n", 1)[0]
