"""Codes of authenticator apps by the published examples, recovery codes, and the encryption of secrets."""

from datetime import UTC, datetime

import pytest

from cashticket.accounts import one_time_codes as codes
from cashticket.accounts.sealed_secrets import seal, unseal

# RFC 6238, appendix B, for SHA-1; the last six of its eight digits.
SECRET = b"12345678901234567890"
EXAMPLES = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]
NOW = datetime(2026, 11, 27, 8, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(("seconds", "code"), EXAMPLES)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert codes.app_code(SECRET, seconds // codes.STEP_SECONDS) == code


def test_a_code_counts_one_step_before_and_after() -> None:
    step = codes.step_at(NOW)
    matching = [codes.matching_step(SECRET, codes.app_code(SECRET, step + off), NOW) for off in range(-2, 3)]
    assert matching == [None, step - 1, step, step + 1, None]


@pytest.mark.parametrize(
    ("typed", "code"),
    [(" 123 456 ", "123456"), ("１２３４５６", "123456"), ("12345", ""), ("1234567", ""), ("12345a", ""), ("", "")],
)
def test_six_digits_are_read_in_any_spacing(typed: str, code: str) -> None:
    assert codes.typed_app_code(typed) == code


def test_the_address_in_the_qr_code_holds_what_apps_need() -> None:
    address = codes.setup_address(SECRET, "alice+1@example.com")
    assert address == (
        "otpauth://totp/CashTicket%3Aalice%2B1@example.com"
        "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=CashTicket&digits=6&period=30"
    )


def test_recovery_codes_have_eighty_bits_and_no_two_are_alike() -> None:
    made = {code for _ in range(20) for code in codes.new_recovery_codes()}
    assert len(made) == 200
    assert 32**codes.RECOVERY_LENGTH == 2**80
    assert all(len(code.replace("-", "")) == codes.RECOVERY_LENGTH for code in made)


@pytest.mark.parametrize(
    "typed", ["70km-0qxd-9wta-4h1e", "70KM 0QXD 9WTA 4H1E", "7OKMOQXD9WTA4HIE", "７０ＫＭ0QXD9WTA4H1E"]
)
def test_a_recovery_code_is_read_in_any_spelling(typed: str) -> None:
    assert codes.recovery_code_hash(typed) == codes.recovery_code_hash("70KM-0QXD-9WTA-4H1E")


@pytest.mark.parametrize("typed", ["", "70KM", "70KM-0QXD-9WTA-4H1E-1", "70KM-0QXD-9WTA-4HU*", "가나다라" * 4])
def test_what_cannot_be_a_recovery_code_has_no_hash(typed: str) -> None:
    assert codes.recovery_code_hash(typed) is None


def test_a_sealed_secret_opens_for_its_owner_with_a_present_or_former_key() -> None:
    sealed = seal(SECRET, "7", ["former key"])
    assert unseal(sealed, "7", ["present key", "former key"]) == SECRET
    assert unseal(sealed, "7", ["present key"]) is None
    assert unseal(sealed, "8", ["former key"]) is None
    assert unseal(sealed[:-6] + "AAAAAA", "7", ["former key"]) is None
    assert unseal("no base 64 !", "7", ["former key"]) is None
    assert seal(SECRET, "7", ["former key"]) != sealed, "each seal has a nonce of its own"
