"""Every form of the product: where it goes, and what stands in it when its token has died."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Form:
    """A form: its path, what is typed, and which secrets. `who` has it; "" is a stranger."""

    path: str
    typed: dict[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    who: str = "alice"


SIGN_UP = {"email": "dora@example.com", "name": "김도라", "birth_date": "1999-02-03", "phone": "010-1234-5678"}
PROFILE = {"name": "Alice the Second", "birth_date": "1990-01-01", "phone": "010-9999-8888"}
SECURITY = "/me/profile/security"
PROOF = ("current_password", "code")

FORMS: dict[str, Form] = {
    "signup.sign_up": Form("/signup", SIGN_UP, ("password",), who=""),
    "signup.act": Form("/confirm/{confirmation}", {}, ("password",), who=""),
    "auth.sign_in": Form("/login", {"email": "alice@example.com", "next": "/me/bids"}, ("password",), who=""),
    "second_step.finish": Form("/login/second", {}, ("code",), who=""),
    "recovery.ask": Form("/reset", {"email": "alice@example.com"}, who=""),
    "recovery.change": Form("/reset/{reset}", {}, ("password",), who=""),
    "profile.save": Form("/me/profile", PROFILE),
    "profile.change_email": Form("/me/profile/email", {"email": "alice.new@example.com"}, PROOF),
    "profile.change_password": Form("/me/profile/password", {}, ("password", *PROOF)),
    "profile.close": Form("/me/profile/close", {"sure": "yes"}, PROOF),
    "identities.begin": Form("/me/profile/identity", {"next": "/concerts/"}),
    "identities.finish": Form("/me/profile/identity/back", {"next": "/concerts/"}),
    "phone.send_code": Form("/me/profile/phone", {"phone": "010-9999-8888", "next": "/concerts/"}),
    "phone.prove": Form("/me/profile/phone/code", {"next": "/concerts/"}, ("code",)),
    "profile.end_session": Form("/me/profile/sessions/1/end"),
    "profile.end_other_sessions": Form("/me/profile/sign-out-elsewhere"),
    "bids.place": Form("/auctions/{auction}/bids", {"amount": "120000", "request_id": "one-Request_1"}),
    "awards.decide": Form("/awards/{award}/buy", {}, ("code",)),
    "line.leave": Form("/auctions/{settled}/leave", who="carol"),
    "watch_list.change": Form("/auctions/{auction}/reminder", {"watch": "yes"}),
    "notice_settings.save": Form("/me/notifications/settings", {"mail": "line"}),
    "notifications.mark_read": Form("/me/notifications"),
    "second_factor.renew_codes": Form(f"{SECURITY}/codes", {}, PROOF),
    "second_factor.turn_off": Form(f"{SECURITY}/off", {}, PROOF),
    "authenticator_app.set_app": Form(f"{SECURITY}/app", {}, ("current_password", "new_code")),
    "authenticator_app.remove": Form(f"{SECURITY}/app/remove", {}, PROOF),
    "passkeys.add": Form(f"{SECURITY}/passkeys/new", {"name": "my key of the kitchen"}, PROOF),
    "passkeys.rename": Form(f"{SECURITY}/passkeys/1", {"name": "my key of the kitchen"}, PROOF),
    "passkeys.remove": Form(f"{SECURITY}/passkeys/1/remove", {}, PROOF),
}

# Sent by scripts, which get a problem document or a piece, and by nobody's hand.
OF_SCRIPTS = {
    "signup.hint",
    "second_step.options",
    "second_step.options_for_anybody",
    "passkeys.options",
    "notifications.acknowledge_rank_outs",
    "notice_settings.subscribe",
    "notice_settings.unsubscribe",
}

# The page of the provider that pretends: its form needs a request that this site has signed.
OF_DEVELOPMENT = {"local_identity.act"}

# A button without a page of its own: the answer leads back to the page on which it stood.
LED_BACK = {"auth.logout", "second_step.sign_in_with_passkey", "signup.send_again"}
