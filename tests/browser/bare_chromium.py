"""Chromium without a tool around it: one window with tabs, of which only the front one is visible.

Playwright keeps every page of its browsers visible and focused, so what a tab does behind another can only be seen
here. Speaks the few words of the debugging protocol that this takes.
"""

import itertools
import json
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import websocket

from lab.waiting import wait_until
from tests.fixtures.browser import FLAGS

SECONDS = 60
STOP_SECONDS = 45
GOES_ELSEWHERE = "Inspected target navigated or closed"


class GoesElsewhere(Exception):
    """A page was left before it answered."""


class Tab:
    """One tab. `troubles` is what its console and its network complained about."""

    def __init__(self, browser: "BareChromium", target: str) -> None:
        self._browser, self._target = browser, target
        self.session: str = browser.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.troubles: list[str] = []
        browser.tabs[self.session] = self
        for domain in ("Page", "Runtime", "Log"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters: Any) -> Any:
        """What the browser answers to `method` for this tab."""
        return self._browser.ask(method, self.session, **parameters)

    def before_scripts(self, script: str) -> None:
        """Have every page that is opened from now on run `script` first."""
        self.ask("Page.addScriptToEvaluateOnNewDocument", source=script)

    def open(self, url: str) -> None:
        """Go there and wait until the page is complete."""
        self.ask("Page.navigate", url=url)
        wait_until(lambda: self.says_by_now(f"location.href === {json.dumps(url)} && document.readyState"), url)
        wait_until(lambda: self.says_by_now("document.readyState") == "complete", f"all of {url}")

    def says(self, expression: str) -> Any:
        """The value of an expression in the page. Raises GoesElsewhere when the page was left meanwhile."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def says_by_now(self, expression: str) -> Any:
        """The value of an expression in the page; None while the tab goes from one page to another."""
        try:
            return self.says(expression)
        except GoesElsewhere:
            return None

    def click(self, selector: str) -> None:
        """As a mouse does it, so that the page counts it as a gesture."""
        centre = f"""(() => {{
          const found = document.querySelector({json.dumps(selector)});
          found.scrollIntoView({{ block: "center", behavior: "instant" }});
          const box = found.getBoundingClientRect();
          return [box.x + box.width / 2, box.y + box.height / 2];
        }})()"""
        x, y = self.says(centre)
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def another(self) -> "Tab":
        """A new tab of the same window."""
        return self._browser.new_tab()

    def bring_to_front(self) -> None:
        """Show this tab, and thereby hide the others of the window."""
        self._browser.ask("Target.activateTarget", targetId=self._target)

    def hear(self, event: dict[str, Any]) -> None:
        """Keep a complaint."""
        found = event["params"]
        if event["method"] == "Runtime.exceptionThrown":
            self.troubles.append(str(found["exceptionDetails"]))
        elif event["method"] == "Log.entryAdded" and found["entry"]["level"] in ("error", "warning"):
            self.troubles.append(found["entry"]["text"])
        elif event["method"] == "Runtime.consoleAPICalled" and found["type"] in ("error", "warning"):
            self.troubles.append(str(found["args"]))


class BareChromium:
    """A running browser; `ask` speaks to it, and to its tabs by their session."""

    def __init__(self, socket: websocket.WebSocket) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.tabs: dict[str, Tab] = {}

    def new_tab(self) -> Tab:
        """An empty tab, in front of all others."""
        return Tab(self, self.ask("Target.createTarget", url="about:blank")["targetId"])

    def ask(self, method: str, session: str | None = None, **parameters: Any) -> Any:
        """The result of one command; what happens meanwhile is passed on to the tabs."""
        number = next(self._numbers)
        command = {"id": number, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
        self._socket.send(json.dumps(command))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == number:
                if answer.get("error", {}).get("message") == GOES_ELSEWHERE:
                    raise GoesElsewhere(method)
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            if tab := self.tabs.get(answer.get("sessionId", "")):
                tab.hear(answer)


@contextmanager
def bare_chromium(binary: str, profile: Path) -> Iterator[BareChromium]:
    """A browser on a profile of its own, that ends with this."""
    door = profile / "DevToolsActivePort"
    flags = ("--headless", "--remote-debugging-port=0", "--remote-allow-origins=*", f"--user-data-dir={profile}")
    with subprocess.Popen([binary, *FLAGS, *flags], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            lines = wait_until(
                lambda: door.exists() and door.read_text().splitlines()[1:] and door.read_text(), "Chromium"
            )
            port, path = str(lines).splitlines()[:2]
            address = f"ws://127.0.0.1:{port}{path}"
            with closing(websocket.create_connection(address, timeout=SECONDS)) as socket:
                yield BareChromium(socket)
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)
