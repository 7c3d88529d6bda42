"""Writes docs/load-report.md, the same as a page, and the README anew from the published raw files.

python -m lab.load.report [--json]
"""

import argparse
import json
import sys

from lab.load.report.published import write_report
from lab.load.report.runs import published_folders


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status: 0, and 1 for raw files or a README that cannot be read."""
    parser = argparse.ArgumentParser(prog="flask lab report", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    given = parser.parse_args(arguments)
    try:
        document = write_report()
        names = [folder.name for folder in published_folders()]
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    written = f"wrote {document} from {', '.join(names)}" if names else "nothing is published: the README says so"
    print(json.dumps({"runs": names, "report": str(document) if names else None}) if given.json else written)
    return 0


if __name__ == "__main__":
    sys.exit(main())
