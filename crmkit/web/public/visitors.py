"""Who opens a page without an account: where from, and in which language. Must not know what is opened."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen
from starlette.requests import Request

from crmkit.i18n import LANGUAGES, normalise_language
from crmkit.web.http.languages import negotiated
from crmkit.web.http.requests import client_address

OWN_QUERY = ("lang", "saved")
MOST_QUERY, LONGEST_QUERY = 20, 200


@frozen(kw_only=True)
class Visitor:
    """Who asks: the address, what the browser wants to read, the language that was chosen on the page."""

    request: Request
    address: str | None
    accepted: str | None
    chosen: str | None

    def language(self, own: str | None, usual: str) -> str:
        """Return the language for a page: the one chosen on it, the customer's own, the browser's, the business's."""
        for said in (self.chosen, own):
            if said and normalise_language(said) in LANGUAGES:
                return normalise_language(said)
        return negotiated(self.accepted, usual if usual in LANGUAGES else "en")

    def query(self) -> dict[str, tuple[str, ...]]:
        """Return what stands behind the address, without what is the pages' own, as far as it is short."""
        found: dict[str, tuple[str, ...]] = {}
        for name, value in self.request.query_params.multi_items()[:MOST_QUERY]:
            if name not in OWN_QUERY and len(name) <= LONGEST_QUERY and len(value) <= LONGEST_QUERY:
                found[name] = (*found.get(name, ()), value)
        return found

    def url(self, path: str) -> str:
        """Return a path below the mount."""
        return f"{str(self.request.scope.get('root_path', '')).rstrip('/')}{path}"


def visitor_of(request: Request, proxies: Sequence[str]) -> Visitor:
    """Return who has sent a request; ``proxies`` are those that are believed where it comes from."""
    return Visitor(
        request=request,
        address=client_address(request.scope, tuple(proxies)),
        accepted=request.headers.get("accept-language"),
        chosen=request.query_params.get("lang"),
    )
