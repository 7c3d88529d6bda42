"""Bootstrap's style sheet as our pages load it: where it comes from, where it is written, and what it says."""

from pathlib import Path

from lab.styles.cutting import cut
from lab.styles.markup import STATIC, used_by_the_product
from lab.styles.sheet import COMMENT, rules_of

[SOURCE] = (STATIC / "vendor").glob("bootstrap-*/bootstrap.min.css")
RESULT = STATIC / "bootstrap.css"
# Loaded right after it by every page.
NEXT = STATIC / "app.css"


def cut_bootstrap() -> str:
    """The sheet as it should be: Bootstrap's licence, and a rule a line."""
    source, *others = (path.read_text(encoding="utf-8") for path in (SOURCE, *_other_sheets()))
    rules = cut(rules_of(source), used_by_the_product(), NEXT.read_text(encoding="utf-8"), "".join(others))
    licence, whole = COMMENT.findall(source)[0], SOURCE.relative_to(STATIC).as_posix()
    written = "\n".join(map(str, rules))
    return f"{licence}\n/* What our pages use of {whole}, written by `make styles`. */\n{written}\n"


def _other_sheets() -> list[Path]:
    return [path for path in sorted(STATIC.glob("*.css")) if path not in (RESULT, NEXT)]
