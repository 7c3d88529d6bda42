"""`flask user prove-phone`: count the phone of an account as proven, for somebody whom no SMS reaches."""

import click

from cashticket.accounts import people
from cashticket.accounts.addresses import BadPhone, normalise_phone
from cashticket.accounts.frozen_facts import AccountClosed
from cashticket.accounts.people import PhoneTaken
from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.accounts.vouching import NoPhone, Vouched, vouch_for_phone
from cashticket.cli.options import operator_option, why_option
from cashticket.cli.output import command, json_option, print_one
from cashticket.wiring import current_engine
from cashticket.work.introducing import introduce_again


@command("prove-phone", example="user prove-phone 7 --why 'called back at that number; passport seen'")
@click.argument("who")
@click.option("--phone", help="010-1234-5678 or +82 10-1234-5678.  [default: the number that the account has given]")
@click.option("--take-over", is_flag=True, help="Also take it from an account that has proven it: the number moved on.")
@why_option
@operator_option
@json_option
def prove_phone(who: str, phone: str | None, take_over: bool, why: str, operator: str, as_json: bool) -> None:
    """Count the phone of WHO (account number or e-mail address) as proven, so that auctions which ask for that take
    their bids.

    A code of theirs that still runs ends. An account that only typed the number loses it; one that has proven it keeps
    it, unless --take-over says that the number is somebody else's by now: its bids stay, and it proves another number
    before it bids again. A repeat changes nothing and tells the auctions again.
    """
    vouched = _proven(who, phone, take_over, why, operator)
    person = vouched.person
    heard = [introduce_again(current_engine(), each) for each in (person, vouched.former) if each is not None]
    if not all(heard):
        raise click.ClickException(
            f"The phone of account {person.id} is proven, but the live store is away: run this again when it is back."
        )
    print_one({"id": person.id, "email": person.email, "phone": person.phone, "phone_proven": True}, as_json)


def _proven(who: str, phone: str | None, take_over: bool, why: str, operator: str) -> Vouched:
    account = people.find(who)
    if account is None:
        raise click.ClickException(f"There is no account {who}.")
    try:
        number = normalise_phone(phone) if phone else None
        vouched = vouch_for_phone(account.id, number, why, operator, takes_over=take_over)
    except BadPhone:
        sentence = f"--phone {phone!r} is not a phone number; write 010-1234-5678 or +82 10-1234-5678."
        raise click.ClickException(sentence) from None
    except PhoneTaken:
        sentence = "Another account has proven this number, so nothing was changed; --take-over takes it from there."
        raise click.ClickException(sentence) from None
    except NoPhone:
        raise click.ClickException(f"Account {account.id} has given no number; say it by --phone.") from None
    except AccountClosed:
        raise click.ClickException(f"Account {account.id} is closed, so it has no phone.") from None
    if vouched.is_new:
        record(SecurityEvent.PHONE_PROVEN, person_id=account.id, by_operator=True)
    return vouched
