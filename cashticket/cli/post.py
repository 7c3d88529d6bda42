"""`flask post …`: mails and pushes, what became of each, and sending again what failed."""

import click
from flask.cli import AppGroup

from cashticket.accounts import people
from cashticket.accounts.addresses import BadEmail, normalise_email
from cashticket.cli.options import operator_option, why_option
from cashticket.cli.output import ID, Data, command, iso_or_none, json_option, print_many, print_one
from cashticket.cli.post_bounced import bounced
from cashticket.cli.progress import ProgressLines
from cashticket.errors import OperatorError
from cashticket.ledger import queries
from cashticket.locale import iso
from cashticket.models.columns import utcnow
from cashticket.models.outbox import MessageState
from cashticket.notify import outbox_listing
from cashticket.notify.outbox_listing import Reader, ShownMessage, Wanted
from cashticket.wiring import current_engine
from cashticket.work import resending
from cashticket.work.message_kinds import KINDS

group = AppGroup("post", help="Mails and pushes: what became of them, and sending again what failed.")

COLUMNS = ("id", "created_at", "kind", "channel", "state", "auction", "person", "to", "tries", "last_error", "ended_at")
LIMIT_MAX = 1_000
STATES = {
    "failed": (MessageState.FAILED,),
    # A deliverer sends a leased one right now.
    "waiting": (MessageState.WAITING, MessageState.LEASED),
    "held": (MessageState.HELD,),
    "sent": (MessageState.SENT,),
    "dropped": (MessageState.DROPPED,),
}


@command("list", example="post list --auction 3 --json")
@click.option(
    "--state", type=click.Choice(list(STATES)), default="failed", show_default=True, help="What became of it."
)
@click.option("--kind", help="Only this kind, such as won, rank_out, confirm or reset.")
@click.option("--auction", "auction_id", metavar="AUCTION_ID", type=ID, help="Only notices about this auction.")
@click.option("--person", "who", metavar="WHO", help="Only to this account number or e-mail address.")
@click.option("--limit", type=click.IntRange(1, LIMIT_MAX), default=50, show_default=True, help="How many at most.")
@click.option("--after", metavar="MESSAGE_ID", type=ID, help="Only what comes after this message in the list.")
@json_option
def list_messages(
    state: str,
    kind: str | None,
    auction_id: int | None,
    who: str | None,
    limit: int,
    after: int | None,
    as_json: bool,
) -> None:
    """List messages, the newest first: by default those that failed for good. They are kept for 30 days.

    Addresses are masked. The next page is that after the last id of this one.
    """
    if kind is not None and kind not in KINDS:
        raise OperatorError(f"There is no kind {kind[:40]!r}; there are {', '.join(KINDS)}.")
    _check_auction(auction_id)
    wanted = Wanted(STATES[state], (kind,) if kind else KINDS, auction_id, _reader(who) if who else None)
    ids = outbox_listing.page(wanted, after, limit + 1)
    rows = [_data(each) for each in outbox_listing.shown(ids[:limit])]
    print_many(rows, COLUMNS, as_json, none=f"No {state} messages; --state shows others.")
    if len(ids) > limit and not as_json:
        click.echo(f"\nThere are more: --after {ids[limit - 1]}", err=True)


@command("show", example="post show 7 --json")
@click.argument("message_id", metavar="MESSAGE_ID", type=ID)
@json_option
def show(message_id: int, as_json: bool) -> None:
    """Show one message: what caused it, to whom it goes, how often it was tried, and the last error.

    Its text and its links are never shown.
    """
    rows = outbox_listing.shown([message_id])
    if not rows:
        raise OperatorError(f"There is no message {message_id}; `flask post list` shows those that failed.")
    message = rows[0].message
    cause = {"cause": f"{message.source} {message.reference}", "device": message.device_id or None}
    times = {"due_at": iso(message.due_at), "expires_at": iso(message.expires_at)}
    print_one({**_data(rows[0]), **cause, **times}, as_json)


@command("resend", example="post resend --failed --auction 3 --why 'their mail server is back' --dry-run")
@click.argument("message_id", metavar="[MESSAGE_ID]", type=ID, required=False)
@click.option("--failed", "all_failed", is_flag=True, help="Everything that failed for good.")
@click.option("--auction", "auction_id", metavar="AUCTION_ID", type=ID, help="With --failed: only about this auction.")
@why_option
@operator_option
@click.option("--dry-run", is_flag=True, help="Change nothing; print what would be sent again.")
@json_option
def resend(
    message_id: int | None,
    all_failed: bool,
    auction_id: int | None,
    why: str,
    operator: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Let one message that failed, or all of them, leave again, with as many tries as a new one.

    Nothing is sent twice. What nobody needs any more stays failed, and is named with the reason. A repeat does what is
    left.
    """
    if (message_id is None) is not all_failed or (auction_id is not None and not all_failed):
        raise OperatorError("Name one message, or say --failed, with --auction if you like.")
    if message_id is not None:
        resending.resend(current_engine(), message_id, why, operator, utcnow(), dry=dry_run)
        print_one({"resent": 1, "left": {} if as_json else "none", "dry_run": dry_run}, as_json)
        return
    _check_auction(auction_id)
    _resend_failed(auction_id, why, operator, dry=dry_run, as_json=as_json)


def _resend_failed(auction_id: int | None, why: str, operator: str, *, dry: bool, as_json: bool) -> None:
    total, lines = resending.failed(auction_id), ProgressLines(says_end=True)

    def say(looked_at: int) -> None:
        lines("failed messages looked at", looked_at, total)

    done = resending.resend_failed(current_engine(), auction_id, why, operator, utcnow(), say, dry=dry)
    left = {each.value: count for each, count in sorted(done.left.items())}
    shown = ", ".join(f"{count:,} {name}" for name, count in left.items()) or "none"
    print_one({"resent": done.resent, "left": left if as_json else shown, "dry_run": dry}, as_json)


def _reader(who: str) -> Reader:
    """Whose messages: an account by its number or address, or an address without an account."""
    account = people.find(who)
    if account is not None:
        return Reader(account.id, account.email)
    try:
        return Reader(None, normalise_email(who))
    except BadEmail:
        raise OperatorError(f"There is no account {who[:40]}.") from None


def _check_auction(auction_id: int | None) -> None:
    if auction_id is not None and queries.auction(auction_id) is None:
        raise OperatorError(f"There is no auction {auction_id}; `flask auction list` shows them.")


def _data(shown: ShownMessage) -> Data:
    message = shown.message
    return {
        "id": message.id,
        "channel": message.channel,
        "kind": message.kind,
        "state": message.state,
        "auction": message.auction_id,
        "person": shown.person_id,
        "to": shown.address,
        "language": message.locale,
        "tries": message.tries,
        "last_error": message.last_error,
        "created_at": iso(message.created_at),
        "ended_at": iso_or_none(message.ended_at),
    }


for _command in (list_messages, show, resend, bounced):
    group.add_command(_command)
