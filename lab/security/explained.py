"""Findings above informational that are right and stay: each with the reason why nothing is wrong.

An entry names the tool's words and place by a pattern. A finding without an entry must be mended.
"""

import re

from lab.security.findings import Finding

EXPLAINED: tuple[tuple[str, str], ...] = (
    (
        r"^wapiti \(.*\): LDAP Injection at ",
        "no part of CashTicket speaks LDAP; that pages answer differently to different text is all the tool saw",
    ),
    (
        r"^wapiti \(.*\): Clickjacking Protection at ",
        "`frame-ancestors 'none'` of the content policy forbids every frame; `X-Frame-Options` is its predecessor",
    ),
)
"""(pattern of `tool: what at where: detail`, explanation)."""


def explanation(finding: Finding) -> str | None:
    """Why a finding stays; None when nobody has said so."""
    text = f"{finding.tool}: {finding.what} at {finding.where}: {finding.detail}"
    return next((reason for pattern, reason in EXPLAINED if re.search(pattern, text)), None)
