"""Template globals of `base.html`: the language, the address of this page, and addresses of static files."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from flask import Blueprint, Response, current_app, request, url_for

from cashticket.blueprints.request.compression import compressed
from cashticket.blueprints.request.context import present_request, sent_header
from cashticket.blueprints.request.redirects import page_at, page_to_return_to
from cashticket.blueprints.wording.formats import language
from cashticket.wiring import current_settings

YEAR_SECONDS = 365 * 24 * 3600
# Blueprints of pages that somebody sees on the way to a session.
SIGN_IN_PAGES = frozenset({"auth", "signup", "recovery"})
# Pages that anybody may pass on. The address of another page may say whose it is, or hold the token of a mail.
SHARED_PAGES = frozenset(
    {
        *("concerts.home", "concerts.catalogue", "concerts.show"),
        *("auctions.show", "ladder.ladder", "lineage.show", "record.show", "results.show"),
        *("trust.help", "trust.terms", "trust.privacy", "trust.refunds"),
    }
)

blueprint = Blueprint("layout", __name__)
blueprint.app_template_global()(language)


@blueprint.app_template_global()
def here(lang: str | None = None) -> str:
    """The path and query of this page, in the language `lang` if given. Of an answer to a form whose address shows
    nothing by itself: of the page with the form."""
    path, query = request.path, list(request.args.items(multi=True))
    if request.method == "POST" and not page_at(path):
        page = urlsplit(page_to_return_to())
        path, query = page.path, parse_qsl(page.query)
    query = [(name, value) for name, value in query if name != "lang"]
    if lang:
        query.append(("lang", lang))
    return f"{path}?{urlencode(query)}" if query else path


@blueprint.app_template_global()
def public_address() -> str | None:
    """The whole address of this page, without its query, as links from elsewhere name it; None for a page that is not
    for everybody. The host is the configured one, whatever the request names."""
    if request.endpoint not in SHARED_PAGES:
        return None
    return current_settings().base_url.rstrip("/") + url_for(request.endpoint, **(request.view_args or {}))


@blueprint.app_template_global()
def sign_in_address() -> str:
    """The address of the sign-in page, which leads back to this page.

    From a page of signing in, up or recovery it leads on where that page does: else each click would make the address
    longer, and programs that follow links would never come to an end.
    """
    target = request.args.get("next") if request.blueprint in SIGN_IN_PAGES else here()
    return f"/login?next={quote(target)}" if target else "/login"


@blueprint.app_template_global()
def push_key() -> str:
    """The public key by which a browser subscribes to pushes of this site; "" while it has none and offers none."""
    return current_settings().vapid_public_key


@blueprint.app_template_global()
def static_file(name: str) -> str:
    """The address of a static file. It contains a hash of the content, so browsers may keep the file for ever.

    Made by hand: Flask makes none for a request whose host is no name, and its error page has static files, too."""
    return f"{current_app.static_url_path}/{name}?v={_content_hash(name)}"


@blueprint.before_app_request
def send_whole_to_whoever_resumes() -> None:
    """Ignore the range: the part that a browser has already may be of the compressed file."""
    present = present_request()
    if present.endpoint == "static" and sent_header("HTTP_IF_RANGE") is not None:
        present.environ.pop("HTTP_RANGE", None)


@blueprint.after_app_request
def keep_for_ever(response: Response) -> Response:
    """Let browsers keep a static file whose address has the hash of its present content, and compress it.

    During a deployment an old process may get the address of the new content; its response must not be kept.
    """
    if request.endpoint != "static":
        return response
    version = request.args.get("v") if response.status_code in (200, 304) else None
    if version is not None and version == _content_hash((request.view_args or {})["filename"]):
        response.cache_control.no_cache = None
        response.cache_control.public = True
        response.cache_control.max_age = YEAR_SECONDS
        response.cache_control.immutable = True
    return compressed(response, is_kept=True)


def _content_hash(name: str) -> str:
    path = Path(str(current_app.static_folder)) / name
    return _hash_of(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _hash_of(path: Path, changed_ns: int) -> str:
    return sha256(path.read_bytes()).hexdigest()[:10]
