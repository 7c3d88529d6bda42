"""What the links of a change of address show and do: confirm the new address, or restore the old one."""

from flask import Response, make_response, redirect, render_template, session

from cashticket.accounts import address_changes, mail_links, people
from cashticket.accounts.mail_links import LINK_LIFETIME, Purpose
from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.blueprints.account.messages import address_taken
from cashticket.blueprints.request import identity
from cashticket.blueprints.request.site_data import clear_site_data
from cashticket.models import AccountMail
from cashticket.wiring import current_engine, current_settings
from cashticket.work import queueing
from cashticket.work.introducing import introduce_again


def show(mail: AccountMail, trouble: str = "") -> Response:
    """The form of a link of a change of address. Changes nothing."""
    page = render_template(
        "auth/address_change.html",
        undoes=mail.purpose == Purpose.EMAIL_CHANGED,
        email=mail.email,
        asked_at=mail.created_at,
        until=mail.created_at + LINK_LIFETIME[Purpose(mail.purpose)],
        trouble=trouble,
    )
    return make_response(page)


def act(mail: AccountMail) -> Response:
    """Change the address, or undo the change. 410 when another account has the address. Raises LinkRefused."""
    try:
        return _undo(mail) if mail.purpose == Purpose.EMAIL_CHANGED else _change(mail)
    except people.EmailTaken:
        record(SecurityEvent.LINK_REFUSED)
        return address_taken()


def _change(mail: AccountMail) -> Response:
    principal = identity.current_principal()
    acting = principal.handle if principal is not None and principal.id == mail.person_id else ""
    person, handle, mail_id = address_changes.confirm_change(mail, keep=acting)
    record(SecurityEvent.EMAIL_CHANGED, person_id=person.id)
    if acting:
        identity.go_on_as(person, handle)
    introduce_again(current_engine(), person)
    queueing.deliver_account_mail_soon(mail_id)
    return make_response(redirect("/confirm/done?of=change", 303))


def _undo(mail: AccountMail) -> Response:
    person, link, mail_id = address_changes.undo_change(mail)
    record(SecurityEvent.EMAIL_CHANGE_UNDONE, person_id=person.id)
    identity.end_earlier_session()
    session.clear()
    introduce_again(current_engine(), person)
    queueing.deliver_account_mail_soon(mail_id)
    token = mail_links.token(link, current_settings().signing_keys)
    return clear_site_data(make_response(redirect(f"/reset/{token}", 303)))
