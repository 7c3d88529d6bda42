"""`python -m lab.security.parts FILE`: the list of parts (SBOM, CycloneDX) of what is shipped.

Every pinned Python package of requirements.txt and every vendored browser library, with version and hash.
"""

import json
import subprocess
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any

from lab.security.scanners import TOOLS
from lab.servers.installation import ROOT

VENDORED = ROOT / "cashticket" / "static" / "vendor" / "vendor.json"


def list_of_parts() -> dict[str, Any]:
    """The list as a CycloneDX document."""
    command = [str(TOOLS / "cyclonedx-py"), "requirements", "--output-reproducible", "requirements.txt"]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    document: dict[str, Any] = json.loads(made.stdout)
    document["components"] += [_component(each) for each in json.loads(VENDORED.read_text(encoding="utf-8"))]
    return document


def _component(library: dict[str, Any]) -> dict[str, Any]:
    """A vendored library as a component; its hash is that of the package it was taken from."""
    kind, _, digest = library["integrity"].partition("-")
    return {
        "type": "library",
        "bom-ref": f"vendor/{library['folder']}",
        "name": library["name"],
        "version": library["version"],
        "purl": f"pkg:npm/{library['name']}@{library['version']}",
        "licenses": [{"license": {"id": library["licence"]}}],
        "hashes": [{"alg": kind.replace("sha", "SHA-"), "content": b64decode(digest).hex()}],
    }


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(list_of_parts(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
