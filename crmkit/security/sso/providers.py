"""The providers of single sign-on that an installation knows, from the tables ``[sso.<name>]`` of its settings."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from typing import Any, Literal

from attrs import field, fields, frozen

from crmkit.errors import ConfigurationError, CrmkitError, NotFound
from crmkit.i18n import texts
from crmkit.security.outgoing.calls import checked_address
from crmkit.settings import Settings

_ = texts("crmkit")

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
SECRET = "CRMKIT_SSO_{name}_SECRET"  # noqa: S105 - the name of a variable
"""The variable of the environment that a client's secret can come by instead of the file."""


@frozen(kw_only=True)
class Provider:
    """A provider of OpenID Connect.

    ``create`` adds a user for whom the provider vouches and whom nobody has invited; otherwise a user is linked by an
    invitation, or on the own page of the account. ``roles`` says which role a value of the claim ``roles_claim`` gives:
    at each sign-in those roles are given and taken. ``second_factor`` is "provider" where the provider asks for one,
    or "crmkit". ``private`` allows a provider in one's own network.
    """

    name: str
    issuer: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    title: str = ""
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    create: bool = False
    default_role: str | None = None
    roles_claim: str = "groups"
    roles: Mapping[str, str] = field(factory=dict)
    second_factor: Literal["provider", "crmkit"] = "provider"
    private: bool = False


def providers_of(settings: Settings, environ: Mapping[str, str] | None = None) -> dict[str, Provider]:
    """Return the providers by name. Raises ConfigurationError naming what is unknown, missing or malformed."""
    given = os.environ if environ is None else environ
    return {str(name): _provider(str(name), values, given) for name, values in settings.sso.items()}


def provider_named(settings: Settings, name: str) -> Provider:
    """Return a provider. Raises NotFound, and ConfigurationError as `providers_of` does."""
    if name not in settings.sso:
        raise NotFound(_("There is no such provider of single sign-on."))
    return _provider(name, settings.sso[name], os.environ)


def _provider(name: str, values: Any, environ: Mapping[str, str]) -> Provider:
    if not _NAME.fullmatch(name) or not isinstance(values, Mapping):
        raise ConfigurationError(
            _('"{name}" cannot be the name of a provider of single sign-on.'),
            fix=_("Use small letters, digits, hyphens and underscores: [sso.company]"),
            name=name,
        )
    known = {attribute.name for attribute in fields(Provider)} - {"name"}
    for key in values:
        if key not in known:
            close = difflib.get_close_matches(key, known, 1)
            raise ConfigurationError(
                _('There is no setting "{name}".'),
                fix=_('Did you mean "{close}"?') if close else None,
                name=f"sso.{name}.{key}",
                close=close[0] if close else "",
            )
    shaped = {key: _shaped(name, key, value) for key, value in values.items()}
    secret = environ.get(SECRET.format(name=name.upper().replace("-", "_")))
    if secret:
        shaped["client_secret"] = secret
    for key in ("issuer", "client_id"):
        if not shaped.get(key):
            raise ConfigurationError(_('The setting "{name}" is missing.'), name=f"sso.{name}.{key}")
    provider = Provider(name=name, **{**shaped, "title": shaped.get("title") or name.title()})
    try:
        checked_address(provider.issuer, private=provider.private)
    except CrmkitError as error:
        raise _wrong(name, "issuer", provider.issuer) from error
    return provider


def _shaped(name: str, key: str, value: Any) -> Any:
    kinds: dict[str, type | tuple[type, ...]] = {
        "create": bool,
        "private": bool,
        "scopes": (list, tuple),
        "roles": Mapping,
    }
    if not isinstance(value, kinds.get(key, str)):
        raise _wrong(name, key, value)
    if key == "second_factor" and value not in ("provider", "crmkit"):
        raise _wrong(name, key, value)
    if key == "scopes":
        return tuple(dict.fromkeys(("openid", *(str(scope) for scope in value))))
    if key == "roles":
        return {str(claim): str(role) for claim, role in value.items()}
    return value


def _wrong(name: str, key: str, value: object) -> ConfigurationError:
    shown = "…" if key == "client_secret" else repr(value)
    return ConfigurationError(_('The setting "{name}" cannot be {value}.'), name=f"sso.{name}.{key}", value=shown)
