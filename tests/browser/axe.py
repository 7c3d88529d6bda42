"""axe-core on the page of a phone: what it finds against WCAG 2.2 AA."""

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

VENDOR = Path(__file__).parent / "vendor"
SCRIPT = (VENDOR / "axe-core-4.14.1" / "axe.min.js").read_text(encoding="utf-8")
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}


def violations(page: Page) -> list[str]:
    """Each broken rule with the elements that break it; empty for a page that anybody can use."""
    # By the debugger's door: the page's own policy lets in no script but ours.
    page.evaluate(f"window.axe === undefined && (() => {{ {SCRIPT} }})()")
    found: list[dict[str, Any]] = page.evaluate(
        f"axe.run(document, {json.dumps(RULES)}).then(({{violations}}) => violations)"
    )
    return [
        f"{rule['id']} ({rule['impact']}): {node['target']} {node['html'][:160]} {node.get('failureSummary', '')}"
        for rule in found
        for node in rule["nodes"]
    ]
