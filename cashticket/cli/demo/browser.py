"""A robot's browser: cookies, forms and the tokens in them, over plain HTTP."""

import re
import secrets
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

TIMEOUT_SECONDS = 10
TOKEN_IN_FORM = re.compile(r'name="csrf_token" value="([^"]+)"')
TOKEN_IN_HEAD = re.compile(r'<meta name="csrf-token" content="([^"]+)"')
OFFER = re.compile(r'action="/awards/(\d+)/buy"')
# Answers that people get too: refused, too fast, signed out, just ended.
ORDINARY_REFUSALS = (401, 404, 409, 422, 429)


class Browser:
    """Signs in when first needed. Raises OSError (such as URLError) when the server does not answer."""

    def __init__(self, url: str, email: str, password: str) -> None:
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"{url!r} is no address of a web page")
        self._url, self._email, self._password = url, email, password
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self._signed_in = False

    def bid(self, auction_id: int, amount: int) -> bool:
        """Send a bid. Returns whether it was accepted."""
        token = self._token(self._page(f"/auctions/{auction_id}/standing?with=account"))
        fields = {"amount": str(amount), "request_id": secrets.token_urlsafe(16), "csrf_token": token}
        return self._sent(f"/auctions/{auction_id}/bids", fields)

    def offers(self) -> list[int]:
        """The ids of the awards that wait for this person's answer."""
        return [int(award_id) for award_id in OFFER.findall(self._page("/me/tickets"))]

    def answer(self, award_id: int, move: str) -> bool:
        """Send `buy` or `decline`. Returns whether it was accepted."""
        token = self._token(self._page("/me/tickets"))
        return self._sent(f"/awards/{award_id}/{move}", {"csrf_token": token})

    def _page(self, path: str) -> str:
        """The HTML of a page, signed in."""
        if not self._signed_in:
            form = self._token(self._open(path="/login"))
            self._open("/login", {"email": self._email, "password": self._password, "csrf_token": form})
            self._signed_in = True
        return self._open(path)

    def _sent(self, path: str, fields: dict[str, str]) -> bool:
        try:
            self._open(path, fields)
        except urllib.error.HTTPError as error:
            if error.code not in ORDINARY_REFUSALS:
                raise
            self._signed_in = error.code != 401
            return False
        return True

    def _open(self, path: str, fields: dict[str, str] | None = None) -> str:
        body = urllib.parse.urlencode(fields).encode() if fields else None
        headers = {"Accept": "application/json"} if fields and path != "/login" else {}
        request = urllib.request.Request(self._url + path, body, headers)  # noqa: S310 - http(s) alone, see __init__
        with self._opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            return str(answer.read().decode())

    def _token(self, page: str) -> str:
        match = TOKEN_IN_FORM.search(page) or TOKEN_IN_HEAD.search(page)
        if match is None:
            # The session has ended; the next page signs in again.
            self._signed_in = False
            raise urllib.error.URLError("the page has no form for a signed-in person")
        return match[1]
