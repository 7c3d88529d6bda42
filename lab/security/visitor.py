"""What a visitor finds by following links: pages, and every form with the values that it would send."""

import ssl
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPSConnection
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

PAGES_MAX = 120
# Typed into fields that a page leaves empty, by a part of their name. A password that is wrong changes nothing.
TYPED = {"email": "visitor@example.com", "password": "not the password", "amount": "150000", "birth": "1990-01-01"}
TYPED |= {"phone": "010-1234-5678", "name": "Visitor", "q": "한강", "code": "123456", "locale": "ko"}
# Following them would end the visit.
LEFT_OUT = ("/logout", "/static/", "/posters/")


@dataclass(frozen=True)
class Form:
    """One form: where it goes, and its fields as (name, value)."""

    method: str
    url: str
    fields: tuple[tuple[str, str], ...]

    @property
    def body(self) -> str:
        return urlencode(self.fields)

    @property
    def place(self) -> str:
        """Method, path and names of the fields: equal for forms that differ in values alone."""
        return f"{self.method} {urlsplit(self.url).path} ({', '.join(name for name, _ in self.fields)})"


@dataclass
class Visitor:
    """A visitor of https://localhost:PORT, signed in after `sign_in`."""

    url: str
    authority: Path
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def ask(self, path: str, body: str | None = None) -> tuple[int, str, str]:
        """Status, Location and text of GET, or of POST with a body."""
        context = ssl.create_default_context(cafile=str(self.authority))
        connection = HTTPSConnection(urlsplit(self.url).netloc, timeout=30, context=context)
        headers = {"Cookie": self.cookie} if self.cookies else {}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request("GET" if body is None else "POST", path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
            for each in answer.headers.get_all("Set-Cookie") or []:
                name, _, value = each.partition(";")[0].partition("=")
                self.cookies[name] = value
            return answer.status, answer.headers.get("Location", ""), text
        finally:
            connection.close()

    def sign_in(self, email: str, password: str) -> "Visitor":
        """By the form. Raises RuntimeError when it does not lead on."""
        form = next(each for each in self.forms_of("/login") if each.method == "POST")
        typed = dict(form.fields) | {"email": email, "password": password}
        status, _, _ = self.ask(urlsplit(form.url).path, urlencode(typed))
        if status != 303:
            raise RuntimeError(f"the sign-in of {email} was answered {status}")
        return self

    def forms_of(self, path: str) -> list[Form]:
        """The forms of one page."""
        return _Page(self.url + path, self.ask(path)[2]).forms

    def look_around(self, *starts: str) -> tuple[list[str], list[Form]]:
        """Pages that links lead to, one for each path and set of parameters, and their forms, each place once."""
        waiting, seen, forms = list(starts), dict[str, str](), dict[str, Form]()
        while waiting and len(seen) < PAGES_MAX:
            path = waiting.pop(0)
            parts = urlsplit(path)
            kind = f"{parts.path} {sorted({name for name, _ in parse_qsl(parts.query)})}"
            if kind in seen or path.startswith(LEFT_OUT):
                continue
            seen[kind] = path
            page = _Page(self.url + path, self.ask(path)[2])
            forms |= {form.place: form for form in page.forms if form.place not in forms}
            waiting += page.links
        return list(seen.values()), list(forms.values())


class _Page(HTMLParser):
    """Links and forms of a page of the site."""

    def __init__(self, url: str, text: str) -> None:
        super().__init__()
        self._url = url
        self._form: tuple[str, str] | None = None
        self._fields: list[tuple[str, str]] = []
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in facts:
            self._add_link(facts["href"])
        elif tag == "form":
            target = urljoin(self._url, facts.get("action", ""))
            self._form, self._fields = (facts.get("method", "get").upper(), target), []
        elif self._form and tag in ("input", "select", "textarea", "button") and facts.get("name"):
            self._fields.append((facts["name"], facts.get("value") or _typed(facts["name"])))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._form:
            method, target = self._form
            parts = urlsplit(target)
            if method == "GET":
                self._fields = [*parse_qsl(parts.query), *self._fields]
            self.forms.append(Form(method, parts._replace(query="", fragment="").geturl(), tuple(self._fields)))
            self._form = None

    def _add_link(self, href: str) -> None:
        parts = urlsplit(urljoin(self._url, href))
        if parts.netloc == urlsplit(self._url).netloc:
            self.links.append(parts.path + (f"?{parts.query}" if parts.query else ""))


def _typed(name: str) -> str:
    return next((text for part, text in TYPED.items() if part in name), "1")
