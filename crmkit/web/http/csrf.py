"""Whether a change that came with a cookie was meant by the person: another site can make a browser send one.

Two proofs are asked for: the browser says that the request began on our own pages, and it carries a token that only
these have. Callers with bearer tokens bring no cookie and are asked for nothing.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request

from crmkit.core.vault.secrets import same
from crmkit.errors import NotFromHere
from crmkit.i18n import texts

_ = texts("crmkit")

HEADER = "x-csrf-token"
FIELD = "csrf"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def check_origin(request: Request, *, secure: bool) -> None:
    """Raise NotFromHere for an unsafe request that a browser says to come from another site."""
    if request.method in SAFE:
        return
    fetched = request.headers.get("sec-fetch-site")
    if fetched is not None and fetched not in ("same-origin", "none"):
        raise _refusal()
    origin = request.headers.get("origin")
    if origin is not None:
        try:
            said = urlsplit(origin)
        except ValueError:
            raise _refusal() from None
        here = request.headers.get("host", "")
        if said.netloc.lower() != here.lower() or said.scheme != ("https" if secure else "http"):
            raise _refusal()


def check_token(request: Request, expected: str, given: str | None) -> None:
    """Raise NotFromHere for an unsafe request without the token of its session, in its header or in its form."""
    if request.method in SAFE:
        return
    found = request.headers.get(HEADER) or given or ""
    if not same(found.encode("utf-8", "replace"), expected.encode()):
        raise _refusal()


def _refusal() -> NotFromHere:
    return NotFromHere(fix=_("Load the page again and repeat it."))
