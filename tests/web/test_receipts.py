"""The receipt of a bid stays on the page while others bid, so it says what was accepted and when, and no more."""

import re

import pytest
from flask import Flask
from flask_babel import force_locale

from cashticket.auction.values import Accepted
from cashticket.blueprints.wording import bids

PRESENT = {"ko": ("현재", "지금", "순위", "낙찰"), "en": ("You’re", "You are", "now", "rank", "winning")}


@pytest.mark.parametrize("locale", PRESENT)
@pytest.mark.parametrize("winning", [True, False])
def test_a_receipt_says_nothing_of_the_present(app: Flask, locale: str, winning: bool) -> None:
    decision = Accepted(2, 1, 55_000, 2, winning, 2, 50_000, 1_796_000_000_000, 1_796_000_060_000)
    with app.test_request_context("/"), force_locale(locale):
        receipt = bids.acceptance(decision)
    assert "55,000" in receipt and "#2" in receipt
    assert not re.search(r"\d\.\d", receipt), "milliseconds"
    assert not [word for word in PRESENT[locale] if word in receipt], receipt
