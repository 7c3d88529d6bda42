"""A person at a program of their own: cookies, forms and JSON over HTTP, to whichever web process they like.

Follows no redirect and knows nothing but what the doors promise: paths, fields, the token on the page.
"""

import html
import json
import re
import secrets
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPMessage
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from lab.servers.installation import WebProcess
from tests.staging.rows import PASSWORD

SECONDS = 60.0
JSON = {"Accept": "application/json"}
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial", "Accept": "text/html"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PAGE_TOKEN = re.compile(r'<meta name="csrf-token" content="([^"]+)"')
FORM_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: HTTPMessage
    text: str

    @property
    def json(self) -> dict[str, Any]:
        """The document, which must be JSON and say so."""
        assert self.headers.get_content_type() in ("application/json", "application/problem+json"), self.text
        found: dict[str, Any] = json.loads(self.text)
        return found


@dataclass
class Visitor:
    """One cookie jar. `name` is who it signs in as."""

    name: str
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, web: WebProcess, path: str, headers: dict[str, str] | None = None) -> Answer:
        return self._send(web, "GET", path, None, headers or {})

    def page(self, web: WebProcess, path: str) -> str:
        """The text of a page that must be there."""
        answer = self.get(web, path)
        assert answer.status == 200, f"{path}: {answer.status}\n{answer.text}"
        return answer.text

    def post(
        self, web: WebProcess, path: str, fields: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        return self._send(web, "POST", path, urlencode(fields or {}), FORM | (headers or {}))

    def sign_in(self, web: WebProcess) -> "Visitor":
        """Through the form, as everybody does."""
        token = _only(FORM_TOKEN, self.page(web, "/login"))
        fields = {"email": f"{self.name}@example.com", "password": PASSWORD, "csrf_token": token}
        answer = self.post(web, "/login", fields)
        assert answer.status == 303, answer.text
        return self

    def token(self, web: WebProcess, path: str = "/") -> str:
        """The token that pages carry for the signed-in."""
        return _only(PAGE_TOKEN, self.page(web, path))

    def bid(
        self, web: WebProcess, auction_id: int, amount: int | str, request_id: str = "", *, token: str = ""
    ) -> Answer:
        """A bid as a program sends it that is sure of the amount, under a new request id unless one is given. With the
        `token` of a page that was opened before, else of one opened now."""
        fields = {"amount": amount, "sure": amount, "request_id": request_id or secrets.token_urlsafe(12)}
        headers = JSON | {"X-CSRFToken": token or self.open_auction(web, auction_id)}
        return self.post(web, f"/auctions/{auction_id}/bids", fields, headers)

    def open_auction(self, web: WebProcess, auction_id: int) -> str:
        """Open the auction page and, as it does, load the part of its reader. Returns the token that comes with it."""
        self.page(web, f"/auctions/{auction_id}")
        return _only(FORM_TOKEN, self.page(web, f"/auctions/{auction_id}/standing?with=account"))

    def review(self, web: WebProcess, auction_id: int, amount: int) -> dict[str, str]:
        """The fields of the form on the review page."""
        page = self.page(web, f"/auctions/{auction_id}/confirm?amount={amount}")
        names = ("csrf_token", "amount", "request_id")
        return {name: _only(re.compile(rf'name="{name}" value="([^"]+)"'), _form_to("/bids", page)) for name in names}

    def decide(self, web: WebProcess, award_id: int, verb: str) -> Answer:
        """Send the form that `/me/tickets` has for this award and verb."""
        token = _only(FORM_TOKEN, _form_to(f"/awards/{award_id}/{verb}", self.page(web, "/me/tickets")))
        return self.post(web, f"/awards/{award_id}/{verb}", {"csrf_token": token})

    def buyable(self, web: WebProcess, concert: int) -> list[int]:
        """Ids of this concert's awards that `/me/tickets` has a form to buy for."""
        awards = self.page(web, "/me/tickets").split('<article class="award ')
        ours = [award for award in awards if f'href="/concerts/{concert}"' in award]
        return [int(found) for award in ours for found in re.findall(r'action="/awards/(\d+)/buy"', award)]

    def cookie_header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _send(self, web: WebProcess, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        if self.cookies:
            headers = headers | {"Cookie": self.cookie_header()}
        with closing(HTTPConnection("127.0.0.1", web.port, timeout=SECONDS)) as connection:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode()
        for line in response.headers.get_all("Set-Cookie") or ():
            self._keep(SimpleCookie(line))
        return Answer(response.status, response.headers, text)

    def _keep(self, sent: "SimpleCookie") -> None:
        for name, morsel in sent.items():
            if morsel["max-age"] == "0" or "1970" in morsel["expires"]:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value


def _only(pattern: re.Pattern[str], text: str) -> str:
    found = set(pattern.findall(text))
    assert len(found) == 1, f"{pattern.pattern}: {len(found)} different ones in\n{text}"
    return html.unescape(found.pop())


def _form_to(ending: str, page: str) -> str:
    """The one POST form whose action ends so."""
    forms: list[str] = re.findall(r'<form[^>]*method="post"[^>]*>.*?</form>', page, re.DOTALL)
    found = [form for form in forms if re.search(rf'action="[^"]*{re.escape(ending)}"', form.split(">")[0])]
    assert len(found) == 1, f"{len(found)} forms to …{ending} in\n{page}"
    return found[0]
