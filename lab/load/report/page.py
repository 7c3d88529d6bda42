"""Writes blocks of a report as one HTML page that loads nothing from anywhere."""

import re
from collections.abc import Iterable, Sequence
from html import escape

from lab.load.report.blocks import Block, Heading, Items, Paragraph, Picture, TableBlock

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
.text tr > :first-child { min-width: 8.5rem; }
.text td + td { white-space: normal; min-width: 9rem; }
/* A shadow at the right edge as long as there is more to see. */
.wide { overflow-x: auto; background: linear-gradient(to left, #fff 1rem, #fff0) right / 2rem 100% no-repeat local,
  linear-gradient(to left, #11182733, #11182700) right / .75rem 100% no-repeat scroll; }
svg { display: block; width: 100%; min-width: 38rem; max-width: 60rem; height: auto; margin: 1rem 0; }
svg.narrow { min-width: 0; max-width: 34rem; }
.warning { border-left: 4px solid #b91c1c; padding-left: 1rem; }
"""


ADDRESS = re.compile(r"https?://[^\s<>]+[^\s<>.,;)]")


def page(title: str, blocks: Iterable[Block]) -> str:
    """The whole page."""
    body = "\n".join(_written(block) for block in blocks)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _written(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Paragraph(text, language, warns):
            attributes = f' lang="{language}"' if language != "en" else ""
            return f"<p{attributes}{_kind(warns)}>{_linked(text)}</p>"
        case Items(texts, warns):
            return f"<ul{_kind(warns)}>{''.join(f'<li>{_linked(text)}</li>' for text in texts)}</ul>"
        case TableBlock(head, rows, kind):
            return _table(head, rows, kind)
        case Picture(_, _, svg, fits_phone):
            return svg.replace("<svg ", '<svg class="narrow" ', 1) if fits_phone else _wide(svg)


def _kind(warns: bool) -> str:
    return ' class="warning"' if warns else ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], kind: str) -> str:
    first = f"<tr>{''.join(f'<th>{_linked(cell)}</th>' for cell in head)}</tr>" if any(head) else ""
    body = "".join(f"<tr>{''.join(f'<td>{_linked(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return _wide(f'<table class="{kind}">{first}{body}</table>')


def _linked(text: str) -> str:
    """The text with its line breaks, and with its addresses as links, which nothing follows by itself."""
    return ADDRESS.sub(lambda match: f'<a href="{match[0]}">{match[0]}</a>', escape(text)).replace("\n", "<br>")


def _wide(content: str) -> str:
    """Content that may be wider than a phone: it scrolls by itself, with the keyboard too."""
    return f'<div class="wide" tabindex="0">{content}</div>'
