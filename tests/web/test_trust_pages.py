"""Help, terms, privacy policy and refunds: the same for everybody in one language, one click away from every page."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from cashticket.accounts.push_devices import UNSEEN_AGE
from cashticket.auction import rules
from cashticket.auction.values import CHANCES, Bid
from cashticket.blueprints.trust.pages import TEXTS
from cashticket.locale import LANGUAGES
from cashticket.models import Person
from cashticket.work.forgetting import FOLLOW_AGE
from tests.fixtures.people import Browser, sign_in
from tests.staging.auctions import open_auction
from tests.staging.final_ranks import add_results

PAGES = ("/help", "/terms", "/privacy", "/refunds")
MINJI, SEOJUN, HAEUN = 1, 2, 3


def main(browser: Browser, path: str) -> str:
    """The part of a page between header and footer."""
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True).partition("<main")[2].partition("</main>")[0]


@pytest.mark.parametrize("path", PAGES)
def test_everybody_gets_the_same_bytes_and_a_304_the_next_time(
    people: dict[str, Person], browser: Callable[[], Browser], path: str
) -> None:
    answers = [each.get(path) for each in (browser(), sign_in(browser(), "alice"))]
    assert answers[0].data == answers[1].data and answers[0].status_code == 200
    for answer in answers:
        assert answer.headers["Cache-Control"] == "public, max-age=1"
        assert "Set-Cookie" not in answer.headers and "Cookie" not in answer.headers.get("Vary", "")
        assert b"csrf" not in answer.data
    again = browser().get(path, headers={"If-None-Match": answers[0].headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("path", PAGES)
def test_each_language_has_its_own_text(app: Flask, client: Browser, path: str) -> None:
    assert '<html lang="ko">' in client.get(path).get_data(as_text=True)
    korean, english = main(client, path), main(client, f"{path}?lang=en")
    assert re.search("[가-힣]", korean) and not re.search("[가-힣]", english)
    client.set_cookie("lang", "en")
    assert main(client, path) == english.replace("&amp;remember=yes", "")
    assert client.get(path).headers["ETag"] != client.get(f"{path}?lang=ko").headers["ETag"]


@pytest.mark.parametrize("name", TEXTS)
def test_both_languages_have_the_same_parts(app: Flask, client: Browser, name: str) -> None:
    assert set(TEXTS[name]) == set(LANGUAGES)
    korean, english = (main(client, f"/{name}?lang={language}") for language in LANGUAGES)
    parts = re.compile(r'<(h[1-6]|li|section)\b|href="([^"]+)"|id="([^"]+)"')
    assert parts.findall(korean) == parts.findall(english)


def test_every_page_leads_there(app: Flask, people: dict[str, Person], client: Browser) -> None:
    paths = ["/", "/concerts/", "/login", "/signup", "/no-such-page", f"/auctions/{open_auction()}"]
    paths += [f"/auctions/{add_results(3)}/{part}" for part in ("results", "record")] + list(PAGES)
    for path in paths:
        footer = client.get(path).get_data(as_text=True).partition("<footer")[2]
        assert all(f'href="{page}"' in footer for page in PAGES), path
    private = sign_in(client, "alice").get("/me/tickets").get_data(as_text=True)
    assert all(f'href="{page}"' in private for page in PAGES)


def test_four_steps_greet_whoever_has_no_session(people: dict[str, Person], browser: Callable[[], Browser]) -> None:
    stranger, other = main(browser(), "/"), main(browser(), "/?lang=ko")
    strip = stranger.partition('class="first-time"')[2].partition("</section>")[0]
    assert strip.count("<li>") == 4 and 'href="/help"' in strip and strip in other
    assert "first-time" not in main(sign_in(browser(), "alice"), "/")


def test_the_bid_form_leads_to_the_help(app: Flask, client: Browser) -> None:
    form = main(client, f"/auctions/{open_auction()}").partition('class="bid-form"')[2].partition("</form>")[0]
    assert 'href="/help"' in form
    assert form.index('href="/help"') < form.index('name="amount"')


def test_the_example_of_the_help_is_what_the_law_decides(app: Flask, client: Browser) -> None:
    first = [Bid(1, MINJI, 1, 150_000, 0, ""), Bid(2, SEOJUN, 1, 120_000, 0, ""), Bid(3, HAEUN, 1, 100_000, 0, "")]
    order = rules.order_of_bids(first)
    assert [bid.person for bid in order] == [MINJI, SEOJUN, HAEUN] and order[1].amount == 120_000
    after = rules.order_of_bids([*first, Bid(4, HAEUN, 2, 130_000, 0, "")])
    assert [bid.person for bid in after] == [MINJI, HAEUN, SEOJUN] and after[1].amount == 130_000
    korean, english = main(client, "/help?lang=ko"), main(client, "/help?lang=en")
    for amount in (150_000, 120_000, 100_000, 130_000):
        assert f"{amount:,}원" in korean and f"₩{amount:,}" in english
    assert CHANCES == 3 and "세 번" in korean and "three chances" in english


@pytest.mark.parametrize(
    ("language", "what", "days"),
    [
        ("ko", "관심 경매와 마지막으로 보낸 알림", f"경매가 끝난 뒤 {FOLLOW_AGE.days}일"),
        ("en", "Your watch list, and which reminder", f"at most {FOLLOW_AGE.days} days after the end of the auction"),
        ("ko", "푸시를 켠 기기", f"마지막 이용 뒤 {UNSEEN_AGE.days}일"),
        ("en", "a device that you turned pushes on for", f"at most {UNSEEN_AGE.days} days after it was last used"),
    ],
)
def test_the_privacy_policy_says_how_long_is_kept_whom_to_remind_and_where(
    app: Flask, client: Browser, language: str, what: str, days: str
) -> None:
    text = " ".join(main(client, f"/privacy?lang={language}").split())
    [kept] = [each for each in re.findall(r"<li>(.*?)</li>", text) if what in each]
    assert days in kept


def test_what_is_not_there_is_said_plainly(app: Flask, client: Browser) -> None:
    assert "아직 결제를 받지 않습니다" in main(client, "/refunds")
    assert "takes no payments yet" in main(client, "/refunds?lang=en").replace("\n  ", " ")


def test_the_refunds_page_says_who_gives_back_what_was_paid_for_a_void_or_a_revoked_seat(client: Browser) -> None:
    english, korean = (" ".join(main(client, f"/refunds?lang={language}").split()) for language in ("en", "ko"))
    for text, revoked, in_full, organiser in (
        (
            english,
            "When a single seat is revoked",
            "given back in full",
            "the organiser, as long as this site takes none",
        ),
        (korean, "좌석 하나가 회수되면", "전액 환불", "결제를 받지 않는 동안에는 주최사"),
    ):
        assert text.count(in_full) == 2 and organiser in text
        assert text.index("void" if text is english else "무효") < text.index(revoked) < text.rindex(in_full)
    for path in ("/terms", "/privacy"):
        assert "법률 전문가의 검토를 받지 않았습니다" in main(client, path).replace("\n  ", " ")
        assert "No lawyer has reviewed" in main(client, f"{path}?lang=en").replace("\n  ", " ")
