"""The latest scan from outside left nothing unexplained, and the list of parts names everything that is shipped."""

import json
import os
import re
from pathlib import Path

import pytest

from lab.security import parts, report
from lab.security.explained import EXPLAINED, explanation
from lab.security.findings import Finding, Level, Scan
from lab.security.visitor import Form, _Page
from lab.servers.installation import ROOT

MISSING = "cyclonedx-py is not installed: make .venv/security/.ready"


def page() -> str:
    return report.PAGE.read_text(encoding="utf-8")


def test_the_latest_scan_left_nothing_unexplained() -> None:
    assert re.search(r"\*\*\d+ findings above informational, 0 of them unexplained", page())
    assert "**unexplained**" not in page()


def test_every_tool_looked_signed_in_and_anonymous() -> None:
    runs = re.findall(r"^### (.+) [\w.+#]+$", page(), re.MULTILINE)
    ways = ("slow headers", "slow body", "slow read", "ranges")
    wanted = {"sslyze", *(f"slowhttptest ({way})" for way in ways)}
    assert {*runs} == wanted | {
        f"{tool} ({who})" for tool in ("wapiti", "sqlmap") for who in ("anonymous", "signed in")
    }


def test_a_finding_stays_only_with_a_reason() -> None:
    def finding(level: Level) -> Finding:
        return Finding(level, "wapiti (anonymous)", "SQL Injection", "GET /concerts/ (q)", "it was found")

    assert explanation(finding(Level.CRITICAL)) is None
    scans = [Scan("wapiti", "1", "wapiti", findings=[finding(Level.CRITICAL), finding(Level.INFORMATIONAL)])]
    assert report.unexplained(scans) == [finding(Level.CRITICAL)]
    assert all(len(reason) > 40 for _, reason in EXPLAINED)


def test_a_visitor_reads_every_form_of_a_page_with_what_it_would_send() -> None:
    text = """<a href="/me?x=1">me</a><a href="https://other.example/">other</a>
      <form method="post" action="/login"><input name="csrf_token" value="t"><input name="email"></form>
      <form action="/concerts/"><input name="q"><button>go</button></form>"""
    found = _Page("https://localhost:1/", text)
    assert found.links == ["/me?x=1"]
    assert found.forms == [
        Form("POST", "https://localhost:1/login", (("csrf_token", "t"), ("email", "visitor@example.com"))),
        Form("GET", "https://localhost:1/concerts/", (("q", "한강"),)),
    ]


def test_the_list_of_parts_names_what_is_shipped_with_its_version() -> None:
    if not (parts.TOOLS / "cyclonedx-py").exists():
        pytest.fail(MISSING) if os.environ.get("CI") == "true" else pytest.skip(MISSING)
    listed = {(each["name"].lower(), each.get("version")) for each in parts.list_of_parts()["components"]}
    pins = re.findall(
        r"^([\w.\[\]-]+)==([^ ;\\]+)", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE
    )
    pinned = {(re.sub(r"\[.*", "", name).lower(), version) for name, version in pins}
    vendored = json.loads(Path(parts.VENDORED).read_text(encoding="utf-8"))
    assert pinned | {(each["name"], each["version"]) for each in vendored} <= listed
