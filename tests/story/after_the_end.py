"""What people see of an auction that is over: their own parts of its pages, the pages of everybody, their notices, and
their mails, whose links are followed as by somebody who is not signed in."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from urllib.parse import urljoin, urlsplit

from sqlalchemy import update
from sqlalchemy.orm import Session

from cashticket import config, create_app
from cashticket.extensions import db
from cashticket.models import Award, Person
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from lab.servers.installation import ROOT, Installation, WebProcess
from lab.waiting import wait_until
from tests.staging.rows import PASSWORD
from tests.story.visitor import Visitor

LINK = re.compile(r"https?://[^/\s]+(/\S*)")
SETTINGS = "/me/notifications/settings"
"""Where mails lead whoever wants no more of their kind."""
ALIAS = re.compile(r"\b[0-9A-Z]{6}\b")
ROW = re.compile(r"<tr.*?</tr>", re.DOTALL)
NOTICE = re.compile(r'<li class="notice-row.*?</li>', re.DOTALL)
CARD = re.compile(r'<li class="(?:mine|ticket).*?(?=<li class="(?:mine|ticket)|</main>)', re.DOTALL)


def words_of(markup: str) -> str:
    """The words of markup, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


@contextmanager
def inside(installation: Installation) -> Iterator[None]:
    """In an application on the database of the installation."""
    app = create_app(config.load(installation.environment, ROOT / "instance"))
    with app.app_context():
        yield
        db.engine.dispose()


def let_speak(installation: Installation, languages: Mapping[str, str]) -> None:
    """The language of each account by name, for its mails and for whoever signs in from now on."""

    def work(session: Session) -> None:
        for name, language in languages.items():
            session.execute(update(Person).where(Person.email == f"{name}@example.com").values(locale=language))

    with inside(installation):
        in_one_unit(work)


def end_right(installation: Installation, award_id: int) -> None:
    """Let the time to buy of an award be over now. What follows is up to watch and workers."""
    with inside(installation):
        in_one_unit(
            lambda session: session.execute(update(Award).where(Award.id == award_id).values(expires_at=utcnow()))
        )


class Ended:
    """One auction that is over, of one concert, as its bidders (the best bid first) see it by both web processes."""

    def __init__(self, installation: Installation, auction: int, concert: int, people: list[Visitor]) -> None:
        self.installation, self.id, self.concert, self.people = installation, auction, concert, people
        self.alice, self.bob, self.carol, self.mallory = people
        self.first, self.second = installation.webs

    def outcome(self, visitor: Visitor) -> str:
        """The own result beside the results."""
        return words_of(visitor.page(self.second, f"/auctions/{self.id}/outcome"))

    def bids(self, visitor: Visitor) -> str:
        """The card of the auction in my bids."""
        return self._card(visitor, "/me/bids", f"/auctions/{self.id}/results")

    def tickets(self, visitor: Visitor) -> str:
        """What my tickets have of it: an award with its story, or the place in line; empty without either."""
        page = visitor.page(self.second, "/me/tickets")
        mine = (f'href="/concerts/{self.concert}"', f'href="/auctions/{self.id}/results"')
        return " ".join(words_of(card) for card in CARD.findall(page) if any(link in card for link in mine))

    def notice(self, visitor: Visitor, title: str) -> str:
        """The newest notice with this title, as the page tells it now. StopIteration if there is none."""
        notices = map(words_of, NOTICE.findall(visitor.page(self.first, "/me/notifications")))
        return next(notice for notice in notices if notice.startswith(title))

    def lineage(self, language: str = "ko") -> list[str]:
        """The seat histories that everybody reads: seat, how it came and what became of it, with a star while it is
        held. Without times; of whoever was passed over, a dot for each alias."""
        rows = []
        for seat, person, how, became in self._rows("lineage", language):
            [came, *details], [ended, *times] = (cell.split('<span class="seat-detail">') for cell in (how, became))
            came = ALIAS.sub("…", words_of(" ".join((came, *details))))
            reason = "" if details else f" {words_of(times[0])}"
            held = "*" if 'class="mark"' in person else ""
            rows.append(f"{words_of(seat)} {came} → {words_of(ended)}{reason}{held}")
        return rows

    def seats(self, language: str = "ko") -> list[str]:
        """What the results say of the seat of each final rank, the best rank first."""
        return [words_of(cells[3]) for cells in self._rows("results", language)]

    def _rows(self, part: str, language: str) -> list[list[str]]:
        page = Visitor("a stranger").page(self.first, f"/auctions/{self.id}/{part}?lang={language}")
        body = page.partition("<tbody")[2].partition("</tbody>")[0]
        return [re.findall("<td.*?</td>", row, re.DOTALL) for row in ROW.findall(body)]

    def _card(self, visitor: Visitor, path: str, link: str) -> str:
        page = visitor.page(self.second, path)
        [card] = [words_of(card) for card in CARD.findall(page) if f'href="{link}"' in card]
        return card


class Post:
    """Mails from now on, each read once."""

    def __init__(self, installation: Installation) -> None:
        self._installation, self._folder = installation, installation.folder / "mail"
        self._read = set(self._folder.glob("*.eml"))

    def mail(self, name: str, subject: str) -> EmailMessage:
        """The new mail to this person whose subject begins so; waited for."""

        def find() -> EmailMessage | None:
            for path in sorted(set(self._folder.glob("*.eml")) - self._read):
                letter = message_from_bytes(path.read_bytes(), EmailMessage, policy=policy.default)
                if letter["To"] == f"{name}@example.com" and str(letter["Subject"]).startswith(subject):
                    self._read.add(path)
                    return letter
            return None

        found = wait_until(find, f"a mail to {name}: {subject}")
        assert found is not None
        return found

    def follow(self, name: str, subject: str, web: WebProcess) -> str:
        """The page to which that mail leads, after signing in where that is asked for."""
        links = LINK.findall(text_of(self.mail(name, subject)))
        return follow(name, next(link for link in links if not link.startswith(SETTINGS)), web)


def text_of(letter: EmailMessage) -> str:
    """The plain text of a mail."""
    body = letter.get_body(("plain",))
    assert body is not None, "a mail without plain text"
    return str(body.get_content())


def follow(name: str, path: str, web: WebProcess) -> str:
    """The page at the end of a link, opened by this person in a browser that is not signed in."""
    visitor = Visitor(name)
    answer = visitor.get(web, path)
    if answer.status == 303 and (form := answer.headers["Location"]).startswith("/login?"):
        fields = dict(re.findall(r'name="(csrf_token|next)" value="([^"]*)"', visitor.page(web, form)))
        fields |= {"email": f"{name}@example.com", "password": PASSWORD}
        answer = visitor.post(web, "/login", fields)
        assert answer.status == 303 and urlsplit(answer.headers["Location"]).path == path.partition("#")[0]
        return visitor.page(web, urljoin(path, answer.headers["Location"]))
    assert answer.status == 200, f"{path}: {answer.status}"
    return answer.text
