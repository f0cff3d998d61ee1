"""What a provider says of itself: its addresses and the keys that it signs with, fetched when needed and kept a while.

Must not know users.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

from attrs import field, frozen

from crmkit.errors import Refused
from crmkit.i18n import texts
from crmkit.security.outgoing.calls import call_address, checked_address
from crmkit.security.sso.providers import Provider

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")

KEPT = 3600.0
"""Seconds for which what a provider said is believed."""
AGAIN = 60.0
"""Seconds that have to go by before the keys are fetched again for a token that names an unknown one: otherwise anybody
could make the server call the provider at will."""
WELL_KNOWN = "/.well-known/openid-configuration"


@frozen(kw_only=True)
class Metadata:
    """The addresses of a provider. ``basic`` says whether it takes the client's secret in a header."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    basic: bool
    says_issuer: bool
    """Whether its answers name the issuer (RFC 9207): then one that does not is not its own."""
    fetched: float


@frozen
class _Keys:
    keys: Sequence[Mapping[str, Any]] = field(repr=False)
    fetched: float


class Directory:
    """What the providers of one installation have said. It may be used from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._metadata: dict[str, Metadata] = {}
        self._keys: dict[str, _Keys] = {}

    def metadata(self, provider: Provider) -> Metadata:
        """Return the addresses of a provider. Raises Refused when it does not answer, or not as itself."""
        with self._lock:
            known = self._metadata.get(provider.issuer)
        if known is not None and time.monotonic() - known.fetched < KEPT:
            return known
        found = _metadata(provider, _json(provider.issuer.rstrip("/") + WELL_KNOWN, provider))
        with self._lock:
            self._metadata[provider.issuer] = found
        return found

    def keys(self, provider: Provider, key_id: str | None) -> Sequence[Mapping[str, Any]]:
        """Return the keys that a provider signs with; fetched anew when none of those that are known has an id."""
        uri = self.metadata(provider).jwks_uri
        with self._lock:
            known = self._keys.get(uri)
        age = time.monotonic() - known.fetched if known is not None else KEPT
        unknown = known is not None and key_id is not None and all(key.get("kid") != key_id for key in known.keys)
        if known is None or age >= KEPT or (unknown and age >= AGAIN):
            listed = _json(uri, provider).get("keys")
            keys = [dict(key) for key in listed if isinstance(key, dict)] if isinstance(listed, list) else []
            known = _Keys(keys, time.monotonic())
            with self._lock:
                self._keys[uri] = known
        return known.keys


_directories: WeakKeyDictionary[CRM, Directory] = WeakKeyDictionary()


def directory_of(crm: CRM) -> Directory:
    """Return the directory of an installation."""
    return _directories.setdefault(crm, Directory())


def _metadata(provider: Provider, said: Mapping[str, Any]) -> Metadata:
    if said.get("issuer") != provider.issuer:
        raise Refused(
            _('The provider calls itself "{said}", not "{issuer}".'),
            fix=_("Write the issuer into the settings letter by letter as the provider does."),
            said=str(said.get("issuer"))[:200],
            issuer=provider.issuer,
        )
    found: dict[str, str] = {}
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        found[name] = str(said.get(name, ""))
        checked_address(found[name], private=provider.private)
    ways = cast("list[Any]", said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"])
    return Metadata(
        **found,
        basic="client_secret_basic" in ways,
        says_issuer=said.get("authorization_response_iss_parameter_supported") is True,
        fetched=time.monotonic(),
    )


def _json(url: str, provider: Provider) -> Mapping[str, Any]:
    answer = call_address(url, private=provider.private)
    try:
        said = json.loads(answer.body)
    except ValueError:
        said = None
    if answer.status != 200 or not isinstance(said, dict):
        raise Refused(_("The provider answers with status {status}."), status=answer.status)
    return said
