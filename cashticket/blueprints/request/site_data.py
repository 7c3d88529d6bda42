"""Tells a browser to forget what it has kept of this site."""

from flask import Response


def clear_site_data(response: Response) -> Response:
    """Let the browser drop its cache and storage of this site, so that the next reader of a shared device finds no page
    of the person who left. Cookies stay: the session's is cleared by its own header, and the language is no secret."""
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
