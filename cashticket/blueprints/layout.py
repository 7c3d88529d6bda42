"""What `base.html` asks for: the language, the address of this page, and static files by content."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode

from flask import Blueprint, current_app, request, url_for

from cashticket.blueprints.formats import language

blueprint = Blueprint("layout", __name__)
blueprint.app_template_global()(language)


@blueprint.app_template_global()
def here(lang: str | None = None) -> str:
    """The path and query of this page, in another language when `lang` says which."""
    query = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    if lang:
        query.append(("lang", lang))
    return f"{request.path}?{urlencode(query)}" if query else request.path


@blueprint.app_template_global()
def static_file(name: str) -> str:
    """The address of a static file; it changes with the content, so browsers may keep each one for ever."""
    path = Path(str(current_app.static_folder)) / name
    return url_for("static", filename=name, v=_mark(path, path.stat().st_mtime_ns))


@lru_cache(maxsize=64)
def _mark(path: Path, changed_ns: int) -> str:
    return sha256(path.read_bytes()).hexdigest()[:10]
