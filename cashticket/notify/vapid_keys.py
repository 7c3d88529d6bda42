"""The pair of keys by which push services know who sends (VAPID, RFC 8292): P-256, in base64url without padding, as
browsers and the settings write them."""

import base64
import binascii

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

PRIVATE_BYTES = 32
HINT = "flask ops push-keys makes a pair"


def make_pair() -> tuple[str, str]:
    """A new pair: the public key, which every page may hold, and the private one."""
    key = ec.generate_private_key(ec.SECP256R1())
    return _public_text(key), encoded(key.private_numbers().private_value.to_bytes(PRIVATE_BYTES, "big"))


def public_of(private: str) -> str:
    """The public key that belongs to a private one. Raises ValueError if that is none."""
    content = decoded(private)
    if len(content) != PRIVATE_BYTES:
        raise ValueError("not the bytes of a private key")
    return _public_text(ec.derive_private_key(int.from_bytes(content, "big"), ec.SECP256R1()))


def is_public_key(text: str) -> bool:
    """Whether a text is a public key of P-256, uncompressed: of this site, or of a browser that subscribes."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), content := decoded(text))
    except ValueError:
        return False
    # Compressed points are keys as well, but no browser has them.
    return len(content) == 65


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """The bytes of a base64url text without padding. Raises ValueError for anything else."""
    if not text.isascii():
        raise ValueError("not ASCII")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error


def _public_text(key: ec.EllipticCurvePrivateKey) -> str:
    point = key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return encoded(point)


def pair_problem(public: str, private: str) -> str | None:
    """What is wrong with a pair of which each may be "", as a sentence without its full stop that begins with the name
    of a setting; None if nothing is. It quotes neither key."""
    if public and not is_public_key(public):
        return f"VAPID_PUBLIC_KEY is no public key; {HINT}"
    if not private:
        return None
    try:
        belonging = public_of(private)
    except ValueError:
        return f"VAPID_PRIVATE_KEY is no private key; {HINT}"
    if public and public != belonging:
        return f"VAPID_PUBLIC_KEY does not belong to VAPID_PRIVATE_KEY; {HINT}"
    return None
