"""Which answers of a mail server say that an address takes no mail at all."""

import pytest

from cashticket.notify.refusals import code_of, is_about_address


@pytest.mark.parametrize(
    "answer",
    [
        "550 5.1.1 no such mailbox",
        "550 5.1.0 address rejected",
        "550 5.1.2 no such domain",
        "553 5.1.3 no address at all",
        "551 5.1.6 has moved",
        "556 5.1.10 this domain takes no mail",
        "550 5.2.1 closed",
        "554 5.1.1 no such mailbox",
        "550 nobody of that name",
        "551 not here",
        "553 no",
    ],
)
def test_an_address_that_does_not_exist_is_refused_whatever_is_sent(answer: str) -> None:
    assert is_about_address(code(answer))


@pytest.mark.parametrize(
    "answer",
    [
        "550 5.7.1 blocked",
        "553 5.7.1 not your sender",
        "550 5.1.7 bad address of the sender",
        "550 5.1.8 the sender's domain does not exist",
        "552 5.2.2 full",
        "552 5.2.3 too long",
        "550 5.4.1 no answer from the host",
        "554 5.6.0 bad content",
        "550 5.1.11 nobody knows",
        "554 no",
        "552 full",
        "530 sign in first",
    ],
)
def test_a_refusal_of_us_of_one_mail_or_of_this_moment_says_nothing_of_the_address(answer: str) -> None:
    assert not is_about_address(code(answer))


def code(answer: str) -> str:
    number, _, text = answer.partition(" ")
    return code_of(int(number), text.encode())
