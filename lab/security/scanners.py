"""Running the tools: each for a bounded time, its report read into findings."""

import json
import re
import shlex
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lab.security.findings import Finding, Level, Scan
from lab.security.installation import Production
from lab.security.visitor import Form, Visitor
from lab.servers.installation import ROOT

TOOLS = ROOT / ".venv" / "security" / "bin"
# Those that need no server of theirs on the internet, and that a product without PHP, CMS and Java can have.
MODULES = (
    "backup,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,https_redirect,ldap,methods,"
    "permanentxss,redirect,sql,timesql,upload,xss"
)
ATTACK_SECONDS = 8
FORM_SECONDS = 30
# Sending them with right values would end the visit.
NEVER_SENT = ("/logout",)
WEAK_TLS = {
    "heartbleed": "is_vulnerable_to_heartbleed",
    "openssl_ccs_injection": "is_vulnerable_to_ccs_injection",
    "tls_compression": "supports_compression",
    "session_renegotiation": "is_vulnerable_to_client_renegotiation_dos",
}


def sslyze(site: Production) -> Scan:
    """Protocols, ciphers and known weaknesses of TLS, judged by Mozilla's intermediate profile."""
    report = site.folder / "sslyze.json"
    options = ["--mozilla_config=intermediate", f"--certinfo_ca_file={site.certificate.authority}"]
    scan, output = _run("sslyze", [*options, f"--json_out={report}", urlsplit(site.nginx.url).netloc], 120)
    checks = json.loads(report.read_text())["server_scan_results"][0]["scan_result"]
    where = urlsplit(site.nginx.url).netloc
    for check, name in WEAK_TLS.items():
        if checks[check]["result"][name]:
            scan.findings.append(Finding(Level.HIGH, "sslyze", check, where, name))
    # In the profile's eyes a certificate of a week's life by an unknown issuer is fine; the trust of it is not judged.
    if "OK - Compliant" not in output:
        scan.findings.append(Finding(Level.MEDIUM, "sslyze", "Mozilla profile", where, output[-1000:]))
    spoken = [name for name, check in checks.items() if (check["result"] or {}).get("is_tls_version_supported")]
    scan.facts.append(f"speaks {', '.join(sorted(name.removesuffix('_cipher_suites') for name in spoken))} alone")
    return scan


def wapiti(site: Production, visitor: Visitor, name: str) -> Scan:
    """A crawl and every attack of `MODULES`, anonymous or with the visitor's session. `name` says which, in words."""
    place = site.folder / f"wapiti-{name.replace(' ', '-')}"
    report = place.with_suffix(".json")
    starts = [f"/auctions/{site.auction}", f"/auctions/{site.auction}/confirm?amount=150000", "/me/profile", "/signup"]
    options = ["-u", f"{site.nginx.url}/", "--flush-session", "-m", MODULES, "-f", "json", "-o", str(report)]
    options += ["--max-scan-time", "60", "--max-attack-time", str(ATTACK_SECONDS), "--tasks", "4", "-v", "0"]
    options += ["--store-session", str(place), "--no-bugreport", "-d", "6"]
    options += [option for path in starts for option in ("-s", site.nginx.url + path)]
    options += [option for path in NEVER_SENT for option in ("-x", site.nginx.url + path)]
    if visitor.cookies:
        # Otherwise a page that renews a cookie would end the session of the scan.
        options += ["-C", visitor.cookie, "--drop-set-cookie"]
    scan, output = _counted(site, lambda: _run("wapiti", options, 900))
    if not report.exists():
        raise RuntimeError(f"wapiti wrote no report:\n{output[-2000:]}")
    scan.tool = f"wapiti ({name})"
    found = json.loads(report.read_text())
    scan.facts.append(f"crawled {found['infos'].get('crawled_pages_nbr', '?')} pages")
    for group, worst in (("vulnerabilities", None), ("anomalies", None), ("additionals", Level.INFORMATIONAL)):
        for what, rows in found[group].items():
            scan.findings += [_wapiti_finding(scan.tool, what, row, worst) for row in rows]
    return scan


def _wapiti_finding(tool: str, what: str, row: dict[str, Any], worst: Level | None) -> Finding:
    level = worst if worst is not None else Level(min(int(row["level"]), Level.CRITICAL))
    parameter = f" ({row['parameter']})" if row.get("parameter") else ""
    return Finding(level, tool, what, f"{row['method']} {row['path'][:80]}{parameter}", row["info"][:300])


def sqlmap(site: Production, forms: list[Form], visitor: Visitor, name: str) -> Scan:
    """Every form: each of its fields but the token, with the techniques that need no second server."""
    whole = Scan(f"sqlmap ({name})", _version("sqlmap"), "")
    began = time.monotonic()
    for form in forms:
        if urlsplit(form.url).path in NEVER_SENT:
            continue
        options = ["--batch", "--level=1", "--risk=1", "--technique=BEUT", "--time-sec=2", "--threads=4"]
        options += ["--timeout=10", "--retries=0", "--skip=csrf_token", "--ignore-code=*", "--flush-session"]
        options += ["--disable-coloring", f"--output-dir={site.folder / 'sqlmap'}", f"--cookie={visitor.cookie}"]
        if form.method == "POST":
            options += [f"--url={form.url}", f"--data={form.body}"]
        else:
            options += [f"--url={form.url}?{form.body}"]
        scan, output = _counted(site, partial(_run, "sqlmap", options, FORM_SECONDS))
        whole.command = whole.command or scan.command
        whole.facts.append(f"{form.place}: {scan.facts[-1]}, {scan.seconds:.0f} s")
        if re.search(r"injection point|is vulnerable|appears to be .*injectable", output):
            whole.findings.append(Finding(Level.CRITICAL, whole.tool, "SQL injection", form.place, output[-600:]))
    whole.seconds = time.monotonic() - began
    return whole


def _counted(site: Production, run: Callable[[], tuple[Scan, str]]) -> tuple[Scan, str]:
    """Run something and add to its facts how nginx answered meanwhile, by status."""
    before = len(_statuses(site.nginx.access_log))
    scan, output = run()
    counts = Counter(_statuses(site.nginx.access_log)[before:])
    by_status = ", ".join(f"{status} × {count}" for status, count in sorted(counts.items()))
    scan.facts.append(f"{counts.total()} requests ({by_status})")
    broken = sum(count for status, count in counts.items() if status == 500)
    if broken:
        scan.findings.append(Finding(Level.HIGH, scan.tool, "internal error", "see the logs", f"500 × {broken}"))
    return scan, output


def _statuses(log: Path) -> list[int]:
    if not log.exists():
        return []
    return [int(found) for found in re.findall(r'"status":(\d+)', log.read_text(encoding="utf-8", errors="replace"))]


def _run(tool: str, options: list[str], seconds: int) -> tuple[Scan, str]:
    """Run a tool of the environment for so long at most. Returns the scan and all that it said."""
    command = [str(TOOLS / tool), *options]
    began = time.monotonic()
    try:
        done = subprocess.run(command, capture_output=True, timeout=seconds, check=False, stdin=subprocess.DEVNULL)
        output = (done.stdout + done.stderr).decode(errors="replace")
    except subprocess.TimeoutExpired as late:
        output = ((late.stdout or b"") + (late.stderr or b"")).decode(errors="replace")
    typed = shlex.join([tool, *(re.sub(r"(__Host-\w+)=[^;\s]+", r"\1=…", option) for option in options)])
    return Scan(tool, _version(tool), typed, time.monotonic() - began), output


def _version(tool: str) -> str:
    pinned = (ROOT / "requirements-security.txt").read_text(encoding="utf-8")
    installed = subprocess.run(
        [str(TOOLS / "python"), "-c", f"import importlib.metadata as m; print(m.version({_package(tool)!r}))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert f"{_package(tool)}=={installed}" in pinned, (
        f"{tool} {installed} is not the pinned one: make .venv/security/.ready"
    )
    return installed


def _package(tool: str) -> str:
    return {"wapiti": "wapiti3"}.get(tool, tool)


def slow_program() -> str:
    """Path of slowhttptest. Raises RuntimeError when it is not installed."""
    found = shutil.which("slowhttptest")
    if found is None:
        raise RuntimeError("slowhttptest is not installed: apt install slowhttptest")
    return found
