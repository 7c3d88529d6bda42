"""What the reader wants to be told of, by push or mail, when not to be disturbed, and the devices that are pushed to.

The form works without JavaScript; a device subscribes by `push.js`, because a browser hands out its address to scripts
alone. Without the site's key for pushes nothing here speaks of them.
"""

from flask import Blueprint, Response, abort, flash, jsonify, make_response, redirect, render_template, request
from flask_babel import gettext as _

from cashticket.accounts import push_devices
from cashticket.accounts.push_devices import Device
from cashticket.auction.notice_topics import Topic
from cashticket.blueprints.request import identity
from cashticket.blueprints.request.errors import again_later, stale_form_response, stale_form_sentence
from cashticket.blueprints.request.negotiation import problem_response, wants_json
from cashticket.blueprints.request.rate_limits import DEVICE_CHANGES, LimitReached, counted
from cashticket.blueprints.request.security import FormStale
from cashticket.blueprints.wording.formats import language
from cashticket.blueprints.wording.notice_topics import all_topics
from cashticket.locale import LANGUAGES
from cashticket.models.outbox import Channel
from cashticket.notify import notices, preferences, refused_addresses, vapid_keys
from cashticket.notify.preferences import Preferences, may_mute
from cashticket.notify.push_hosts import BadEndpoint, read_endpoint
from cashticket.notify.silent_hours import clock_time, minute_of
from cashticket.wiring import current_settings

blueprint = Blueprint("notice_settings", __name__, url_prefix="/me/notifications")

PAGE = notices.SETTINGS
SILENCE_PROPOSED = (23 * 60, 8 * 60)
"""Quiet hours that the form proposes to who has none, in minutes of the day."""

AUTH_BYTES = 16


class BadDevice(Exception):
    """What a script sent is no device that this site pushes to."""


class BadHours(Exception):
    """What was typed are no hours from when to when."""


@blueprint.get("/settings")
@identity.signed_in_page
def show() -> Response:
    """The form and the devices."""
    present = preferences.preferences_of(_me())
    return _page(200, present, present.silent or SILENCE_PROPOSED)


@blueprint.post("/settings")
@identity.signed_in_page
def save() -> Response:
    """Save the topics and the silent hours. 422 for hours that are none, with everything as it was typed."""
    present = preferences.preferences_of(_me())
    try:
        # Without pushes the form does not speak of these hours, and they stay as they are.
        silent = _typed_hours() if _is_push_on() else present.silent
    except BadHours:
        typed = Preferences(_muted(present), SILENCE_PROPOSED)
        return _page(
            422,
            typed,
            SILENCE_PROPOSED,
            _("Give both times as hours and minutes, such as 23:00, and not the same one twice."),
        )
    with counted((DEVICE_CHANGES,), str(_me())):
        preferences.save(_me(), Preferences(_muted(present), silent))
    flash(_("Saved."), "success")
    return make_response(redirect(PAGE, 303))


@blueprint.errorhandler(FormStale)
def on_stale_form(error: FormStale) -> Response:
    """The settings as they were chosen, with a fresh token; nothing was saved."""
    return (None if wants_json() else _as_chosen(400, stale_form_sentence())) or stale_form_response()


@blueprint.errorhandler(LimitReached)
def on_later(error: LimitReached) -> Response:
    """The settings as they were chosen, with the reason why nothing was saved."""
    return again_later(error, _as_chosen)


def _as_chosen(status: int, sentence: str) -> Response | None:
    """The page of the form that was sent; None for another one, or for nobody."""
    if request.endpoint != "notice_settings.save" or identity.present_person() is None:
        return None
    present = preferences.preferences_of(_me())
    silent = SILENCE_PROPOSED if request.form.get("silent") == "yes" else None
    return _page(status, Preferences(_muted(present), silent), SILENCE_PROPOSED, sentence)


@blueprint.post("/devices")
@identity.signed_in_page
def subscribe() -> Response:
    """Push to the device that a script names from now on: fields `endpoint p256dh auth`, and `lang` of its page."""
    if not _is_push_on():
        abort(404)
    try:
        device = _sent_device()
    except BadDevice:
        return _refused(_("This browser did not name a device that we can send to."))
    locale = request.form.get("lang", "")
    with counted((DEVICE_CHANGES,), str(_me())):
        push_devices.subscribe(_me(), identity.handle(), device, locale if locale in LANGUAGES else language())
    return make_response(jsonify(subscribed=True), 201)


@blueprint.post("/devices/remove")
@identity.signed_in_page
def unsubscribe() -> Response:
    """Push to one device no more, named by its `endpoint`, or with `all=yes` to none."""
    if request.form.get("all") == "yes":
        push_devices.unsubscribe_all(_me())
    else:
        push_devices.unsubscribe(_me(), request.form.get("endpoint", ""))
    if wants_json():
        return jsonify(subscribed=False)
    flash(_("No device gets notifications of ours any more."), "success")
    return make_response(redirect(PAGE, 303))


def _page(status: int, chosen: Preferences, hours: tuple[int, int], trouble: str = "") -> Response:
    """The page with these choices; `hours` are shown, whether or not they are chosen."""
    first, until = hours
    person = identity.present_person()
    assert person is not None, "signed_in_page lets nobody else through"
    page = render_template(
        "me/notice_settings.html",
        topics=all_topics(),
        muted=chosen.muted,
        mail=Channel.MAIL,
        push=Channel.PUSH,
        may_mute=may_mute,
        has_silent_hours=chosen.silent is not None,
        silent_from=request.form.get("silent_from", clock_time(first)),
        silent_until=request.form.get("silent_until", clock_time(until)),
        devices=push_devices.count(_me()) if _is_push_on() else 0,
        person=person,
        refused=refused_addresses.find(person.email),
        trouble=trouble,
    )
    return make_response(page, status)


def _muted(present: Preferences) -> frozenset[tuple[Channel, Topic]]:
    """What the form has left unticked. Without pushes the form does not speak of them, and they stay as they are."""
    wanted = {channel: set(request.form.getlist(channel.value)) for channel in Channel}
    spoken_of = {Channel.MAIL, Channel.PUSH} if _is_push_on() else {Channel.MAIL}
    unticked = {
        (channel, topic)
        for channel in spoken_of
        for topic in Topic
        if may_mute(channel, topic) and topic.value not in wanted[channel]
    }
    return frozenset(unticked | {each for each in present.muted if each[0] not in spoken_of})


def _typed_hours() -> tuple[int, int] | None:
    """The silent hours of the form, in minutes of the day; None if they are turned off. Raises BadHours."""
    if request.form.get("silent") != "yes":
        return None
    first, until = (minute_of(request.form.get(name, "")) for name in ("silent_from", "silent_until"))
    if first is None or until is None or first == until:
        raise BadHours
    return first, until


def _sent_device() -> Device:
    """The device in the form. Raises BadDevice unless it has the address of a listed push service and whole keys."""
    endpoint, p256dh, auth = (request.form.get(name, "") for name in ("endpoint", "p256dh", "auth"))
    try:
        read_endpoint(endpoint, current_settings().push_hosts)
        if len(p256dh) > 100 or len(auth) > 40 or not vapid_keys.is_public_key(p256dh):
            raise BadDevice
        if len(vapid_keys.decoded(auth)) != AUTH_BYTES:
            raise BadDevice
    except (BadEndpoint, ValueError) as error:
        raise BadDevice from error
    return Device(endpoint, p256dh, auth)


def _refused(detail: str) -> Response:
    return problem_response(422, _("This device cannot be used"), detail)


def _is_push_on() -> bool:
    return bool(current_settings().vapid_public_key)


def _me() -> int:
    principal = identity.current_principal()
    assert principal is not None, "signed_in_page lets nobody else through"
    return principal.id
