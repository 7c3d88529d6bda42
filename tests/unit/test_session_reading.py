"""A session is read as the library reads it, and what it refuses is refused, each key and moment included."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from itsdangerous import BadSignature, SignatureExpired, Signer, TimestampSigner, URLSafeTimedSerializer

from cashticket.signing import SIGNER, SessionSerializer, SessionValues

FORMER, NEWEST, SALT, DAY = "the former key of this site", "the newest key of this site", "cookie-session", 86_400
SHORT = {"csrf_token": "c3VyZQ", "locale": "ko"}
LONG = {"_user_id": "7.3.handle", "note": "hello " * 200, "_permanent": True}


def serializer(kind: type[URLSafeTimedSerializer], *keys: str, salt: str = SALT) -> Any:
    options: dict[str, Any] = {} if kind is SessionSerializer else {"signer_kwargs": SIGNER}
    return kind(list(keys), salt=salt, serializer=SessionValues(), **options)


def librarys(*keys: str, salt: str = SALT) -> Any:
    return serializer(URLSafeTimedSerializer, *keys, salt=salt)


def signed_at(seconds: int, monkeypatch: pytest.MonkeyPatch) -> str:
    with monkeypatch.context() as patched:
        patched.setattr(TimestampSigner, "get_timestamp", lambda self: seconds)
        text: str = librarys(NEWEST).dumps(SHORT)
    return text


def with_letter(text: str, place: int) -> str:
    """The text with another letter at `place`."""
    letters = list(text)
    letters[place] = "A" if letters[place] != "A" else "B"
    return "".join(letters)


PLAIN = librarys(NEWEST).dumps(SHORT)
TEXTS: dict[str, str] = {
    "short": PLAIN,
    "compressed": librarys(NEWEST).dumps(LONG),
    "empty": librarys(NEWEST).dumps({}),
    "by the former key": librarys(FORMER).dumps(SHORT),
    "by another key": librarys("a key of somebody else").dumps(SHORT),
    "for another purpose": librarys(NEWEST, salt="form-token").dumps(SHORT),
    "by SHA-1": URLSafeTimedSerializer(NEWEST, salt=SALT, signer_kwargs={"digest_method": hashlib.sha1}).dumps(SHORT),
    "other content": with_letter(PLAIN, 3),
    "other moment": with_letter(PLAIN, PLAIN.rindex(".") - 2),
    "other signature": with_letter(PLAIN, len(PLAIN) - 5),
    "no signature": PLAIN.rpartition(".")[0] + ".",
    "no moment": Signer(NEWEST, salt=SALT, key_derivation="hmac", digest_method=hashlib.sha256).sign("e30").decode(),
    "one part": "e30",
    "nothing": "",
    "dots": "...",
    "no base64": "ü.ü.ü",
}


def outcome(read: Callable[[], Any]) -> Any:
    """What `read` returns, or the kind and text of its error."""
    try:
        return read()
    except BadSignature as error:
        return type(error), str(error)


@pytest.mark.parametrize("name", TEXTS)
def test_each_text_has_the_outcome_of_the_library(name: str) -> None:
    ours, theirs = (serializer(kind, FORMER, NEWEST) for kind in (SessionSerializer, URLSafeTimedSerializer))
    assert outcome(lambda: ours.loads(TEXTS[name], max_age=DAY)) == outcome(
        lambda: theirs.loads(TEXTS[name], max_age=DAY)
    )


def test_what_was_read_is_what_was_signed() -> None:
    ours = serializer(SessionSerializer, FORMER, NEWEST)
    contents = [ours.loads(TEXTS[name], max_age=DAY) for name in ("short", "compressed", "empty", "by the former key")]
    assert contents == [SHORT, LONG, {}, SHORT]


@pytest.mark.parametrize("age", (-60, DAY + 60))
def test_a_session_from_too_early_or_from_the_future_is_refused(age: int, monkeypatch: pytest.MonkeyPatch) -> None:
    now = TimestampSigner(NEWEST).get_timestamp()
    text = signed_at(now - age, monkeypatch)
    with pytest.raises(SignatureExpired):
        serializer(SessionSerializer, NEWEST).loads(text, max_age=DAY)
    assert serializer(SessionSerializer, NEWEST).loads(signed_at(now - 60, monkeypatch), max_age=DAY) == SHORT
