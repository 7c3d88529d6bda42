"""Takes the pictures in docs/screenshots: `make screenshots` starts an installation with demo data on free ports, lets
robots bid, photographs the pages with Chromium, and ends everything it started."""

import io
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from cashticket.cli.demo.bidders import PASSWORD
from lab.servers.installation import ROOT, Installation, ServerProcess
from lab.waiting import wait_until
from tests.fixtures.browser import BINARIES, FLAGS

FOLDER = ROOT / "docs" / "screenshots"
SIZES: dict[str, ViewportSize] = {"phone": {"width": 360, "height": 740}, "desktop": {"width": 1280, "height": 1000}}
PHONE_PIXELS = 2
LANGUAGES = ("ko", "en")
COLOURS = 256
# A page with a live connection is never without a request, so what is on its way is asked of the page itself.
AT_REST = """() => document.readyState === "complete" && !document.querySelector(".htmx-request")
  && [...document.images].every((each) => each.complete || each.loading === "lazy")"""
BYTES_MAX = 3_000_000
BIDDERS_WANTED = 30
ROBOT_SECONDS = 150


@dataclass(frozen=True)
class Shot:
    """One page to be pictured: who looks at `path`, what must be on it first, and what is scrolled to."""

    name: str
    path: str
    person: str = ""
    ready: str = "main h1"
    scheme: str = "light"
    show: str = ""


def main() -> None:
    """Take every picture anew."""
    binary = next(filter(None, map(shutil.which, BINARIES)), None)
    if binary is None:
        raise SystemExit("Chromium is not installed: apt install chromium")
    with (
        tempfile.TemporaryDirectory() as folder,
        _demo_installation(Path(folder)) as installation,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=binary, args=FLAGS)
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        _picture_everything(installation, browser)
        browser.close()
    taken = sorted(FOLDER.glob("*.png"))
    size = sum(path.stat().st_size for path in taken)
    print(f"{len(taken)} pictures in {FOLDER.relative_to(ROOT)}, {size / 1_000_000:.1f} MB")
    if size > BYTES_MAX:
        raise SystemExit(f"That is more than {BYTES_MAX / 1_000_000:.0f} MB.")


@contextmanager
def _demo_installation(folder: Path) -> Iterator[Installation]:
    """A running installation with the demo's people, concerts and auctions, and robots that bid."""
    installation = Installation(folder, f"sqlite:///{folder / 'installation.db'}")
    robots: ServerProcess | None = None
    try:
        installation.start()
        installation.flask("demo", "seed")
        robots = installation.server(
            "robots", "-m", "flask", "--app", "wsgi", "demo", "bots", "--url", installation.webs[1].url
        )
        robots.start()
        yield installation
    finally:
        if robots is not None:
            robots.stop()
        installation.stop()


def _picture_everything(installation: Installation, browser: Browser) -> None:
    auctions: list[dict[str, Any]] = installation.json("auction", "list")
    running = next(each for each in auctions if each["state"] == "open" and each["seats"] == 20)
    ended = next(each for each in auctions if each["state"] == "settled")
    place, concert = f"/auctions/{running['id']}", f"/concerts/{running['concert_id']}"
    states = {name: _signed_in(installation, browser, name) for name in ("alice", "bob")} | {"": None}
    studio = _Studio(installation, browser, states)
    for shot in (
        Shot("sign-up", "/signup"),
        Shot("results", f"/auctions/{ended['id']}/results", "alice"),
        Shot("tickets", "/me/tickets", "alice"),
        Shot("concert", concert),
        Shot("home", "/"),
    ):
        studio.take(shot)
    bidders = lambda: installation.json("auction", "show", str(running["id"]))["bidders"] >= BIDDERS_WANTED  # noqa: E731
    wait_until(bidders, f"{BIDDERS_WANTED} bidders", ROBOT_SECONDS)
    cutoff = installation.json("auction", "show", str(running["id"]))["cutoff"]
    studio.bid("alice", place, cutoff + 60_000)
    studio.bid("bob", place, cutoff - running["step"])
    chart = "#history .u-over"
    watching = Shot("auction-watching", place)
    winning = Shot("auction-in", place, "alice", "#standing[data-position=winning]")
    for shot in (
        watching,
        winning,
        Shot("auction-out", place, "bob", "#standing[data-position=out]"),
        Shot("chart", place, "bob", chart, show="#history"),
        Shot("review", f"{place}/confirm?amount={cutoff + 80_000}", "alice", "#confirm form"),
        Shot("my-page", "/me", "bob"),
    ):
        studio.take(shot)
    for shot in (Shot("home", "/"), winning):
        studio.take(replace(shot, name=f"{shot.name}-dark", scheme="dark"), languages=("ko",))


def _signed_in(installation: Installation, browser: Browser, name: str) -> Any:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{installation.webs[0].url}/login")
    page.fill("#email", f"{name}@example.com")
    page.fill("#password", PASSWORD)
    page.click("form[action='/login'] button[type=submit]")
    page.wait_for_url(f"{installation.webs[0].url}/")
    state = context.storage_state()
    context.close()
    return state


class _Studio:
    """Browsers of every size and language, for people who are signed in."""

    def __init__(self, installation: Installation, browser: Browser, states: dict[str, Any]) -> None:
        self._url, self._browser, self._states = installation.webs[0].url, browser, states

    def take(self, shot: Shot, languages: tuple[str, ...] = LANGUAGES) -> None:
        """The page in every size and in these languages."""
        for size in SIZES:
            for language in languages:
                with self._page(shot.person, size, language, shot.scheme) as page:
                    page.goto(self._url + shot.path)
                    # The chart is drawn when it comes near the screen.
                    if shot.show:
                        page.locator(shot.show).scroll_into_view_if_needed()
                    page.locator(shot.ready).first.wait_for()
                    wait_until(lambda page=page: page.evaluate(AT_REST), f"all of {shot.name}")
                    if shot.show:
                        page.locator(shot.show).evaluate("found => found.scrollIntoView({ block: 'center' })")
                    _keep(page.screenshot(), FOLDER / f"{shot.name}-{size}-{language}.png")

    def bid(self, person: str, place: str, amount: int) -> None:
        """By the form and the review."""
        with self._page(person, "desktop", "ko", "light") as page:
            page.goto(f"{self._url}{place}/confirm?amount={amount}")
            page.click("form[action$='/bids'] button[type=submit]")
            # Without a live page the answer leads to all of one's bids.
            page.wait_for_url("**/me/bids")
            page.locator("#flashes .notice-plain").wait_for()

    @contextmanager
    def _page(self, person: str, size: str, language: str, scheme: Any) -> Iterator[Page]:
        context = self._browser.new_context(
            viewport=SIZES[size],
            device_scale_factor=PHONE_PIXELS if size == "phone" else 1,
            storage_state=self._states[person],
            color_scheme=scheme,
            reduced_motion="reduce",
            timezone_id="Asia/Seoul",
        )
        try:
            page = context.new_page()
            page.goto(f"{self._url}/?lang={language}")
            yield page
        finally:
            context.close()


def _keep(picture: bytes, path: Path) -> None:
    """As a small PNG: few colours are enough for type on plain grounds."""
    few = Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


if __name__ == "__main__":
    main()
