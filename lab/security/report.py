"""docs/security-scan.md: what was scanned, with what, and every finding with what became of it."""

import platform
import re
import subprocess
from datetime import UTC, datetime

from lab.security.explained import explanation
from lab.security.findings import Finding, Level, Scan
from lab.servers.installation import ROOT

PAGE = ROOT / "docs" / "security-scan.md"
HEAD = """# Scans from outside

Written by `make security`: a production installation (production settings, https by the shipped nginx with a
certificate of its own authority, two web processes, the live service, workers, watch, MariaDB and both stores) on one
machine, with limits on, looked at by the tools of `requirements-security.in` and by slowhttptest, signed in and
anonymous. {when}, commit {commit}, {machine}.
"""


def unexplained(scans: list[Scan]) -> list[Finding]:
    """Findings above informational that nobody has explained."""
    found = {finding for scan in scans for finding in scan.findings}
    return sorted((each for each in found if each.level > Level.INFORMATIONAL and not explanation(each)), reverse=True)


def write(scans: list[Scan]) -> None:
    """Write the page."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    when = datetime.now(UTC).strftime("%Y-%m-%d")
    machine = f"Python {platform.python_version()}"
    parts = [HEAD.format(when=when, commit=commit.stdout.strip(), machine=machine), _result(scans), _findings(scans)]
    parts += ["## Runs\n", *map(_run, scans)]
    text = "\n".join(parts)
    # Ports change with each run and mean nothing.
    text = re.sub(r"(localhost|127\.0\.0\.1):\d+", r"\1", re.sub(r"/\S*/(?=(tls|wapiti-|sslyze|sqlmap))", "", text))
    PAGE.write_text(text, encoding="utf-8")


def _result(scans: list[Scan]) -> str:
    found = {finding for scan in scans for finding in scan.findings}
    above = [finding for finding in found if finding.level > Level.INFORMATIONAL]
    return (
        f"**{len(above)} findings above informational, {len(unexplained(scans))} of them unexplained; "
        f"{len(found) - len(above)} informational.**\n"
    )


def _findings(scans: list[Scan]) -> str:
    rows: dict[tuple[Level, str, str, str], list[Finding]] = {}
    for finding in sorted({each for scan in scans for each in scan.findings}, reverse=True):
        said = explanation(finding) or ("informational" if finding.level == Level.INFORMATIONAL else "**unexplained**")
        rows.setdefault((finding.level, finding.tool, finding.what, said), []).append(finding)
    lines = ["## Findings\n", "| level | tool | finding | where | explanation |", "|---|---|---|---|---|"]
    for (level, tool, what, said), alike in rows.items():
        where = f"`{alike[0].where}`" + (f" and {len(alike) - 1} more" if len(alike) > 1 else "")
        detail = alike[0].detail.splitlines()[0][:120] if alike[0].detail else ""
        cells = (level.name.lower(), tool, f"{what}: {detail}", where, said)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join([*lines, ""])


def _run(scan: Scan) -> str:
    facts = "\n".join(f"- {fact}" for fact in scan.facts)
    return f"### {scan.tool} {scan.version}\n\n`{scan.command}`\n\n{facts}\n- {scan.seconds:.0f} s\n"
