"""Start the installation, scan it, write the page. Fails when something is unexplained.

`--again` writes the page from the scans of the last run, after an explanation was added.
"""

import sys
import tempfile
from pathlib import Path

from lab.security import report
from lab.security.findings import Scan, load, store
from lab.security.installation import PASSWORD, PEOPLE, Production
from lab.security.scanners import slow_program, sqlmap, sslyze, wapiti
from lab.security.slow_clients import slowhttptest
from lab.security.visitor import Visitor
from lab.servers.installation import ROOT

STORED = ROOT / "reports" / "security-scan.json"


def scan_all(site: Production) -> list[Scan]:
    """Every tool, one after the other."""
    # Before the tools guess passwords, after which nobody may sign in from this address for a while.
    alice, bob = (_visitor(site).sign_in(f"{name}@example.com", PASSWORD) for name in PEOPLE)
    scans = [sslyze(site), *slowhttptest(site)]
    for name, crawler, typist in (("anonymous", _visitor(site), _visitor(site)), ("signed in", alice, bob)):
        start = f"/auctions/{site.auction}"
        _, forms = typist.look_around("/", start, f"{start}/confirm?amount=150000")
        scans += [wapiti(site, crawler, name), sqlmap(site, forms, typist, name)]
        store(scans, STORED)
    return scans


def _visitor(site: Production) -> Visitor:
    return Visitor(site.nginx.url, site.certificate.authority)


def main() -> int:
    """The exit status: 1 when a finding above informational is unexplained."""
    scans = load(STORED) if sys.argv[1:] == ["--again"] else _scanned()
    report.write(scans)
    left = report.unexplained(scans)
    for finding in left:
        print(f"{finding.level.name}: {finding.tool}: {finding.what} at {finding.where}: {finding.detail}")
    print(f"{report.PAGE.name} is written; {len(left)} findings are unexplained.")
    return 1 if left else 0


def _scanned() -> list[Scan]:
    slow_program()
    with tempfile.TemporaryDirectory(prefix="ct-security-") as folder:
        site = Production(Path(folder) / "site")
        try:
            scans = scan_all(site.start())
        finally:
            site.stop()
    return scans


if __name__ == "__main__":
    sys.exit(main())
