"""What `base.html` asks for: the language, the address of this page, and static files by content."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, request, url_for

from cashticket.blueprints.wording.formats import language

YEAR_SECONDS = 365 * 24 * 3600

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
    return url_for("static", filename=name, v=_mark(name))


@blueprint.after_app_request
def keep_for_ever(answer: Response) -> Response:
    """A static file asked for by its present content. During a deployment an old process may be asked for the new
    content: what it answers must not be kept under that name."""
    if request.endpoint == "static" and answer.status_code in (200, 304):
        asked = request.args.get("v")
        if asked is not None and asked == _mark((request.view_args or {})["filename"]):
            answer.cache_control.no_cache = None
            answer.cache_control.public = True
            answer.cache_control.max_age = YEAR_SECONDS
            answer.cache_control.immutable = True
    return answer


def _mark(name: str) -> str:
    path = Path(str(current_app.static_folder)) / name
    return _mark_of(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _mark_of(path: Path, changed_ns: int) -> str:
    return sha256(path.read_bytes()).hexdigest()[:10]
