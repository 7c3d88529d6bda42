"""The profile page as every door of the profile shows it, also when something must be corrected or tried later."""

from dataclasses import replace
from datetime import UTC, datetime

from flask import Response, make_response, render_template, request
from flask_babel import gettext as _

from cashticket.accounts import second_factors
from cashticket.accounts.recovery import holds_award
from cashticket.blueprints.account import devices
from cashticket.blueprints.account.personal_facts import personal_facts
from cashticket.blueprints.account.proving import Unproved
from cashticket.blueprints.request import identity
from cashticket.blueprints.request.endings import endings
from cashticket.blueprints.wording import form_fields
from cashticket.blueprints.wording.formats import LANGUAGE_NAMES
from cashticket.models import Person
from cashticket.notify import refused_addresses
from cashticket.wiring import current_engine, current_settings
from cashticket.work.standing_bids import binding_auctions_or_recorded


def profile_page(
    status: int,
    wrong: dict[str, str] | None = None,
    acting: str = "",
    problem: Unproved | None = None,
    refusal: str = "",
) -> Response:
    """The page as it was typed. `wrong` names fields to correct, `problem` what the form `acting` failed to prove."""
    person, wrong = signed_in_person(), wrong or {}
    binding = binding_auctions_or_recorded(current_engine(), person.id)
    page = render_template(
        "me/profile.html",
        person=person,
        facts=personal_facts(person, request.form, wrong, bound=bool(binding)),
        binding=binding,
        holds_award=not binding and holds_award(person.id),
        endings=endings(binding, datetime.now(UTC)),
        email=replace(form_fields.inputs(("email",), request.form, wrong)[0], label=_("New e-mail address")),
        password=replace(form_fields.inputs(("password",), {}, wrong)[0], label=_("New password")),
        sessions=devices.listed(person),
        problems={acting: problem},
        factors=second_factors.factors_of(person.id),
        refused=refused_addresses.find(person.email),
        provable=_provable(),
        refusal=refusal,
        is_wrong=bool(wrong or problem or refusal),
        languages=LANGUAGE_NAMES.items(),
        chosen_language=request.form.get("locale") or person.locale,
    )
    return make_response(page, status)


def _provable() -> set[str]:
    """What a person can prove here beside the address."""
    means = {"phone": current_settings().sms_url, "identity": current_settings().identity_url}
    return {name for name, url in means.items() if url}


def signed_in_person() -> Person:
    """The account of the live session that `signed_in_page` has checked."""
    person = identity.present_person()
    assert person is not None, "signed_in_page lets nobody else through"
    return person
