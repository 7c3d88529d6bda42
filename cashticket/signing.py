"""Everything that is signed or hashed with SECRET_KEY: sessions, links, form tokens and keyed hashes, all by SHA-256.

Functions take the signing keys oldest first, as `Settings.signing_keys` gives them: the last one signs, every one is
taken. So a key can be replaced while what the former one signed goes on working.
"""

import hashlib
import hmac
import json
import time
import zlib
from binascii import a2b_base64
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

from flask import Flask, Response
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from itsdangerous import Serializer, Signer, TimestampSigner, URLSafeSerializer, URLSafeTimedSerializer
from itsdangerous.encoding import base64_encode, want_bytes
from itsdangerous.signer import HMACAlgorithm

# How the key of a signer is derived and which hash it uses, told to the library each time: its own default is SHA-1.
SIGNER = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
KEY_NAME_LETTERS = 8
_STANDARD_LETTERS = bytes.maketrans(b"-_", b"+/")


class NoSigningKey(Exception):
    """This process was given no SECRET_KEY, because its role signs nothing."""


class OneShotHmac(HMACAlgorithm):
    """HMAC-SHA-256 in one call of the C library."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return hmac.digest(key, value, "sha256")


class PreparedSigner(Signer):
    """Derives each of its keys once, the library at every signature."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"algorithm": OneShotHmac()})
        self._derived = {key: super(PreparedSigner, self).derive_key(key) for key in self.secret_keys}

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:
        return self._derived[self.secret_keys[-1] if secret_key is None else want_bytes(secret_key)]


class PreparedTimestampSigner(PreparedSigner, TimestampSigner):
    """A prepared signer that also signs the moment of signing."""

    def has_newest_signature(self, signed: bytes, signature: bytes) -> bool:
        """Whether the newest key made `signature`, written as this signer writes it."""
        made = self.algorithm.get_signature(self.derive_key(), signed)
        return hmac.compare_digest(base64_encode(made), signature)


class PreparedSerializer(Serializer[str]):
    """Makes its signer once, the library at every use. Signers keep nothing of what they sign."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"signer_kwargs": SIGNER})
        self._prepared = super().make_signer()

    def make_signer(self, salt: str | bytes | None = None) -> Signer:
        return self._prepared if salt in (None, self.salt) else super().make_signer(salt)


class SessionValues(TaggedJSONSerializer):
    """Reads and writes what Flask does, without a look for the application's own JSON, and with one decoder for all."""

    def __init__(self) -> None:
        super().__init__()
        self._decoder = json.JSONDecoder(object_hook=self.untag)

    def loads(self, value: str) -> Any:
        return self._decoder.decode(value)


class PlainSerializer(PreparedSerializer, URLSafeSerializer):
    """Signs values of any kind, without the moment of signing."""

    default_signer = PreparedSigner


class SessionSerializer(PreparedSerializer, URLSafeTimedSerializer):
    """Signs sessions with the moment of signing."""

    default_signer = PreparedTimestampSigner

    def loads(  # type: ignore[override]  # as in the library
        self,
        s: str | bytes,
        max_age: int | None = None,
        return_timestamp: bool = False,
        salt: str | bytes | None = None,
    ) -> Any:
        """What the library reads, in one go where the newest key has signed within `max_age` seconds. It reads or
        refuses everything else, and says why."""
        signed, _, signature = want_bytes(s).rpartition(b".")
        is_plain = max_age is not None and not return_timestamp and salt is None
        if is_plain and cast(PreparedTimestampSigner, self._prepared).has_newest_signature(signed, signature):
            payload, _, moment = signed.rpartition(b".")
            age = int(time.time()) - int.from_bytes(_unarmoured(moment), "big")
            if 0 <= age <= cast(int, max_age):
                content = _unarmoured(payload.removeprefix(b"."))
                return self.serializer.loads((zlib.decompress(content) if payload[:1] == b"." else content).decode())
        return super().loads(s, max_age, return_timestamp, salt)


def _unarmoured(text: bytes) -> bytes:
    """The bytes that `base64_encode` of the library has written."""
    return a2b_base64(text.translate(_STANDARD_LETTERS) + b"==")


class Sha256Sessions(SecureCookieSessionInterface):
    """Flask's signed session cookie, by SHA-256."""

    digest_method = staticmethod(hashlib.sha256)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """The library's own, prepared once for these keys."""
        if not app.secret_key:
            return None
        return _session_serializer((*(app.config["SECRET_KEY_FALLBACKS"] or ()), app.secret_key), self.salt)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """As the library does, which gathers the cookie's attributes also for a session that was only read."""
        if not session or self.should_set_cookie(app, session):
            super().save_session(app, session, response)
        elif session.accessed and "Vary" not in response.headers:
            response.headers.add("Vary", "Cookie")
        elif session.accessed:
            response.vary.add("Cookie")


@lru_cache(maxsize=8)
def _session_serializer(keys: tuple[str | bytes, ...], salt: str) -> SessionSerializer:
    return SessionSerializer(list(keys), salt=salt, serializer=SessionValues())


def serializer(keys: Sequence[str], purpose: str) -> URLSafeSerializer:
    """Signs and reads values of one `purpose`; those of another are refused. Raises NoSigningKey."""
    return _plain_serializer(tuple(keys), purpose)


@lru_cache(maxsize=64)
def _plain_serializer(keys: tuple[str, ...], purpose: str) -> PlainSerializer:
    return PlainSerializer(_checked(keys), salt=purpose)


def keyed_hash(keys: Sequence[str], purpose: str, text: str) -> str:
    """A hash of `text` that only a holder of the newest key can make, such as `1f0e23ab:5c…`.

    The part before the colon names the key, so that hashes of a former key are known as such. Raises NoSigningKey.
    """
    key = _checked(keys)[-1].encode()
    digest = hmac.new(key, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()
    return f"{key_name(key.decode())}:{digest[:32]}"


def key_name(key: str) -> str:
    """A name for a signing key that tells nothing about it."""
    return hmac.new(key.encode(), b"name of the key", hashlib.sha256).hexdigest()[:KEY_NAME_LETTERS]


def _checked(keys: Sequence[str]) -> list[str]:
    if not keys or not keys[-1]:
        raise NoSigningKey("this process has no SECRET_KEY; run it with ROLE=web, mail or all")
    return list(keys)
