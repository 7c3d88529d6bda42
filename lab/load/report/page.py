"""The report as one HTML page that loads nothing from anywhere."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from lab.load.circumstances import is_busy
from lab.load.figures import SystemFigures
from lab.load.report import plot, slope, tables, texts

STYLE = """
body { font: 16px/1.5 system-ui, "Apple SD Gothic Neo", "Malgun Gothic", sans-serif; max-width: 76rem; margin: 0 auto;
  padding: 1rem; color: #111827; background: #fff; word-break: keep-all; overflow-wrap: anywhere; }
h1 { font-size: 1.75rem; line-height: 1.25; }
h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; }
p { max-width: 45rem; }
table { border-collapse: collapse; font-size: .875rem; }
th, td { border-bottom: 1px solid #e5e7eb; padding: .35rem .6rem; text-align: left; vertical-align: top; }
th { vertical-align: bottom; overflow-wrap: normal; }
td { font-variant-numeric: tabular-nums; white-space: nowrap; }
tr > :first-child { position: sticky; left: 0; background: #fff; white-space: normal; overflow-wrap: normal; }
.numbers td:last-child { white-space: normal; min-width: 6rem; }
.text td + td { white-space: normal; min-width: 9rem; }
/* A shadow at the right edge as long as there is more to see. */
.wide { overflow-x: auto; background: linear-gradient(to left, #fff 1rem, #fff0) right / 2rem 100% no-repeat local,
  linear-gradient(to left, #11182733, #11182700) right / .75rem 100% no-repeat scroll; }
svg { display: block; width: 100%; min-width: 38rem; max-width: 60rem; height: auto; margin: 1rem 0; }
.warning { border-left: 4px solid #b91c1c; padding-left: 1rem; }
"""


def page(run: dict[str, Any], systems: Sequence[SystemFigures]) -> str:
    """The whole page."""
    english, korean = texts.conclusion(run, systems)
    parts = [
        f"<h1>{escape(texts.TITLE)}</h1>",
        f"<p>{escape(english)}</p>",
        f'<p lang="ko">{escape(korean)}</p>',
        *_busy(run),
        *_warning(tables.violations(systems)),
        "<h2>Knees</h2>",
        _table(tables.knees(systems)),
        _wide(plot.latency(systems)),
        "<p>Filled points were held, hollow ones choked; a dashed line marks each knee.</p>",
        *_slope(systems),
        f"<h2>Processor time per {escape(texts.cost_of(systems))}</h2>",
        _table(tables.processor_time(systems)),
    ]
    for each in systems:
        parts += [f"<h2>{escape(each.facts['title'])}</h2>", f"<p>{escape(texts.parts(each))}</p>"]
        parts.append(_table(tables.turns(each)))
        parts += [_table(visits)] if (visits := tables.visits(each))[1] else []
    parts += [
        "<h2>What is on the disk</h2>",
        f"<p>{escape(texts.durability(run))}</p>",
        _table(tables.durability(systems), "text"),
    ]
    parts += ["<h2>How it was measured</h2>", *(f"<p>{escape(text)}</p>" for text in texts.method(systems))]
    parts.append(_table((("", ""), tables.circumstances(run)), "text"))
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(texts.TITLE)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _slope(systems: Sequence[SystemFigures]) -> Iterable[str]:
    if slope.has_servers(systems):
        yield from ("<h2>Slope over web servers</h2>", _table(slope.table(systems)), _wide(slope.picture(systems)))
        yield from (f"<p>{escape(content)}</p>" for content in (slope.CAPTION, slope.rule(systems)))


def _busy(run: dict[str, Any]) -> Iterable[str]:
    if is_busy(run):
        yield f'<p class="warning">{escape(texts.BUSY)}</p>'


def _warning(broken: Sequence[str]) -> Iterable[str]:
    if broken:
        items = "".join(f"<li>{escape(text)}</li>" for text in broken)
        yield f'<div class="warning"><p>Promises were broken; these figures must not be used.</p><ul>{items}</ul></div>'


def _table(table: tuple[Sequence[str], Iterable[Sequence[str]]], kind: str = "numbers") -> str:
    head, rows = table
    first = f"<tr>{''.join(f'<th>{escape(cell)}</th>' for cell in head)}</tr>" if any(head) else ""
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return _wide(f'<table class="{kind}">{first}{body}</table>')


def _wide(content: str) -> str:
    """Content that may be wider than a phone: it scrolls by itself, with the keyboard too."""
    return f'<div class="wide" tabindex="0">{content}</div>'
