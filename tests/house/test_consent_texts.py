"""A text that people agree to has a version, and the version is that of this very text."""

import hashlib

import pytest

from cashticket.accounts.consent import PRIVACY_VERSION, TERMS_VERSION
from cashticket.locale import LANGUAGES
from tests.house.source import TEMPLATES

AGREED = {
    ("terms", "2026-11-28"): "2a186ba17e8b06793edcabfeab5991911f544d526dedd404f96c8fd8e69d0f05",
    ("terms", "2026-11-30"): "b6d6c639efb4d4ef1413d5f02d1b7b93e27c49b4cf3ad703cac8caa5af59e2cc",
    ("terms", "2026-12-01"): "7ba6c7225ae24b5bfef0148e53fc51a560bb397feecbf865e921299b19ed7307",
    ("terms", "2026-12-02"): "e5104aea8a97b8627e47f4f5da41dfc0997e10e28a7e4ab32ed708224c6d424c",
    ("privacy", "2026-11-28"): "c63f8004a11d1f69d078b19de920082bf49f6f3f061f0acadfdd726bfcdec5db",
    ("privacy", "2026-11-29"): "024fa66a2049adad8171e2da12d83d6a42dab18b526df6e8c4b78971dc8b05a7",
    ("privacy", "2026-11-30"): "8fb1030886e681d07a662bbee6cb92145b3b454a93d944ed3f6a7b3e0c55c6b7",
    ("privacy", "2026-12-01"): "1e19b1321129fa3d59f10fe9634c9dc8f61323743514a2463c5cd84e77458aa6",
    ("privacy", "2026-12-02"): "b4cc64db9f7cf8210630a0a5d47187232c63427e1f77e273f6c0f119abeaeb3e",
}
"""Name and version of each text, and the SHA-256 of its templates."""


def digest_of(name: str) -> str:
    texts = [(TEMPLATES / "trust" / language / f"{name}.html").read_bytes() for language in LANGUAGES]
    return hashlib.sha256(b"".join(texts)).hexdigest()


@pytest.mark.parametrize(("name", "version"), [("terms", TERMS_VERSION), ("privacy", PRIVACY_VERSION)])
def test_a_text_that_people_agreed_to_is_the_one_of_its_version(name: str, version: str) -> None:
    assert digest_of(name) == AGREED.get((name, version)), (
        f"The text of {name} was edited; its digest is {digest_of(name)}. If its meaning changed, give it a new "
        "version in accounts/consent.py and add that here; if only its words did, put the digest in its place."
    )
