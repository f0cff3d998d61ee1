"""The settings of an installation: frozen, read once from ``crmkit.toml``, the environment or a mapping.

What belongs to the business (currency, zone, fiscal year) is in the database; what belongs to a machine is here.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from attrs import evolve, field, fields, frozen

from crmkit.errors import ConfigurationError, HomeError
from crmkit.i18n import LANGUAGES, normalise_language, texts

_ = texts("crmkit")

FILE = "crmkit.toml"
T = TypeVar("T")


@frozen(kw_only=True)
class Settings:
    """Everything that a `CRM` needs to know about the machine it runs on.

    Each name can be set in ``crmkit.toml``, or as ``CRMKIT_<NAME>`` in the environment, which wins.
    """

    database: str
    """URL of the database: ``sqlite:///path`` or ``postgresql://user@host/name``."""
    home: Path | None = None
    """The installation's folder, with ``keys/`` and ``data/``; None for a CRM that is embedded without one."""
    keys: Path | None = None
    """Folder of the root keys; by default ``keys`` in the home, else a folder beside the SQLite file. Backups of the
    data must not take it along."""
    key_provider: str = "file"
    """Where the root keys are kept: ``file``, ``environment`` (``CRMKIT_ROOT_KEY_1`` …) or ``keyring`` (the operating
    system's; needs crmkit[keyring])."""
    profile: str = "development"
    """What is insisted on: ``development``, or ``production``, which refuses unencrypted connections over a network,
    passwords that others can read, demonstrations, and a clock that stands still."""
    schema: str | None = None
    """PostgreSQL schema that holds the tables; None for the connection's own search path."""
    files: Path | None = None
    """Folder of the attachments; by default ``data/files`` in the home."""
    language: str = "en"
    """Language of messages where nobody says another: ``en`` or ``zh_Hans``."""
    strict: bool = False
    """Whether a broken plugin is fatal instead of being set aside."""
    plugins: tuple[str, ...] | None = None
    """Plugins that may be loaded; None for all that are enabled, empty for none."""
    clock: datetime | None = None
    """Instant at which the business's time stands still (for demonstrations); None for the real time."""
    synchronous: str = "full"
    """SQLite: ``full`` survives a power cut, ``normal`` may lose the last commits and is faster."""
    audit: str = "deferred"
    """PostgreSQL: ``deferred`` chains audit records soon after their transaction, ``strict`` in it, which lets one
    writer commit at a time."""
    audit_sink: str | None = None
    """Where signed checkpoints of the audit log are sent, separated by commas: paths of files, ``syslog``,
    ``syslog:host:port``, or ``none``; by default ``audit/checkpoints.jsonl`` in the home, or beside an SQLite file."""
    busy_timeout: float = 15.0
    """Seconds that a writer waits for another one on SQLite."""
    pool_size: int = 5
    """Connections that are kept open on PostgreSQL."""
    hook_budget: float = 0.5
    """Seconds after which a hook call is logged as slow."""
    attachment_limit: int = 26_214_400
    """Largest attachment, in bytes."""
    rate_limit_api: str = "1200/minute"
    """How much each user or token may ask for over the network; ``off`` for no limit. So much may come at once, and as
    much again evenly over that time."""
    rate_limit_public: str = "300/minute"
    """The same for each network address from which somebody calls who is not signed in."""
    rate_limit_search: str = "240/minute"
    """How many searches and previews of conditions each may ask for, beside what he may ask for at all."""
    rate_limit_export: str = "60/hour"
    """How many exports and printed reports each may ask for."""
    rate_limit_import: str = "60/hour"
    """How many files each may bring in."""
    password_cost: str = "t=3,m=65536,p=4"  # noqa: S105 - what hashing costs, no password
    """What hashing a password costs (Argon2id): passes, memory in KiB, lanes; at least ``t=1,m=47104,p=1``."""
    session_minutes: int = 30
    """Minutes without any request after which somebody has to sign in to the pages again."""
    session_hours: int = 12
    """Hours after which somebody has to sign in to the pages again in any case."""
    step_up_minutes: int = 5
    """Minutes, at most 15, for which a password or a code that was just given suffices for what is sensitive: roles,
    keys, exports, revealing."""
    second_factor: str = "optional"
    """Who needs a second factor to sign in: nobody (``optional``), those who administer something
    (``administrators``), or ``everybody``."""
    sso: Mapping[str, Mapping[str, Any]] = field(factory=dict, repr=False)
    """Providers of single sign-on (OpenID Connect), by a short name: tables ``[sso.<name>]``."""
    public_url: str | None = None
    """Address that links in messages begin with, and under which the pages are reached: ``https://crm.example.com``."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks of the proxies in front, whose ``X-Forwarded-For`` and ``X-Forwarded-Proto`` are
    believed."""
    metrics_token: str | None = field(default=None, repr=False)
    """Bearer token with which ``/metrics`` and the details of ``/health/ready`` are read from other machines; without
    one they are given to this machine alone."""
    options: Mapping[str, Any] = field(factory=dict)
    """Settings of plugins, by plugin name."""

    @classmethod
    def from_mapping(
        cls, values: Mapping[str, Any], *, home: Path | None = None, environ: Mapping[str, str] | None = None
    ) -> Settings:
        """Return settings from plain values. Raises ConfigurationError naming what is unknown or malformed."""
        known = {attribute.name for attribute in fields(cls)}
        given: dict[str, Any] = {}
        for name, value in values.items():
            if name not in known:
                close = difflib.get_close_matches(name, known, 1)
                raise ConfigurationError(
                    _('There is no setting "{name}".'),
                    fix=_('Did you mean "{close}"?') if close else None,
                    name=name,
                    close=close[0] if close else "",
                )
            given[name] = _convert(name, value)
        if home is not None:
            given.setdefault("home", home)
            given.setdefault("database", f"sqlite:///{home / 'data' / 'crmkit.db'}")
        if "database" not in given:
            raise ConfigurationError(_("No database is named."), fix=_("Set database, or name a home folder."))
        settings = cls(**given)
        if settings.files is None and settings.home is not None:
            settings = evolve(settings, files=settings.home / "data" / "files")
        return settings.with_keys(os.environ if environ is None else environ)

    def with_keys(self, environ: Mapping[str, str]) -> Settings:
        """Return the settings with the folder of the keys filled in, where none is named: that of ``CRMKIT_KEYS``, the
        home's, or one beside the SQLite file."""
        if self.keys is not None:
            return self
        if environ.get("CRMKIT_KEYS"):
            return evolve(self, keys=Path(environ["CRMKIT_KEYS"]).expanduser().absolute())
        if self.home is not None:
            return evolve(self, keys=self.home / "keys")
        file = self.sqlite_file
        return self if file is None else evolve(self, keys=file.with_name(f"{file.name}-keys"))

    @classmethod
    def from_home(cls, home: Path, environ: Mapping[str, str] | None = None) -> Settings:
        """Return the settings of an installation's folder, environment variables winning over its file.

        Raises HomeError when the folder has no ``crmkit.toml``, ConfigurationError when that cannot be used.
        """
        home = home.absolute()
        path = home / FILE
        try:
            text = path.read_text("utf-8")
        except (FileNotFoundError, NotADirectoryError) as error:
            raise HomeError(
                _("{folder} is not an installation of crmkit."),
                fix=_("Run: crmkit --home {folder} init"),
                folder=home,
            ) from error
        except (OSError, UnicodeDecodeError) as error:
            raise HomeError(_("{path} cannot be read: {reason}."), path=path, reason=error) from error
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigurationError(_("{path} cannot be read: {reason}."), path=path, reason=error) from error
        values.update(environment(os.environ if environ is None else environ))
        database = values.get("database")
        if isinstance(database, str) and database.startswith("sqlite:///") and not database.startswith("sqlite:////"):
            # A relative file is relative to the installation, wherever the command was started.
            values["database"] = f"sqlite:///{home / database.removeprefix('sqlite:///')}"
        if values.get("keys"):
            values["keys"] = home / Path(str(values["keys"])).expanduser()
        return cls.from_mapping(values, home=home, environ=environ)

    def part(self, plugin: str, shape: type[T]) -> T:
        """Return a plugin's settings, from the table ``[options.<plugin>]``, as its attrs class.

        Raises ConfigurationError naming what is unknown or malformed.
        """
        values = self.options.get(plugin, {})
        known = [attribute.name for attribute in fields(cast(Any, shape))]
        for name in values:
            if name not in known:
                close = difflib.get_close_matches(name, known, 1)
                raise ConfigurationError(
                    _('There is no setting "{name}".'),
                    fix=_('Did you mean "{close}"?') if close else None,
                    name=f"{plugin}.{name}",
                    close=close[0] if close else "",
                )
        try:
            return shape(**values)
        except (TypeError, ValueError) as error:
            raise ConfigurationError(
                _("The settings of {plugin} cannot be used: {reason}."), plugin=plugin, reason=error
            ) from error

    @property
    def production(self) -> bool:
        """Say whether the installation is used in earnest."""
        return self.profile == "production"

    @property
    def data(self) -> Path | None:
        """Return the folder of the data, which backups take."""
        return None if self.home is None else self.home / "data"

    @property
    def sqlite_file(self) -> Path | None:
        """Return the file of an SQLite database, or None for a database that is none."""
        if not self.database.startswith("sqlite"):
            return None
        path = self.database.partition(":///")[2].partition("?")[0]
        return Path(path).absolute() if path and path != ":memory:" else None


def environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings that environment variables give; ``CRMKIT_HOME`` and unknown ones are left alone."""
    names = {attribute.name for attribute in fields(Settings)} - {"home", "options", "sso"}
    return {name: environ[f"CRMKIT_{name.upper()}"] for name in names if f"CRMKIT_{name.upper()}" in environ}


def _convert(name: str, value: Any) -> Any:
    try:
        match name:
            case "home" | "files" | "keys":
                return None if value in (None, "") else Path(value)
            case "profile":
                if value not in ("development", "production"):
                    raise ValueError(value)
                return value
            case "key_provider":
                if value not in ("file", "environment", "keyring"):
                    raise ValueError(value)
                return value
            case "plugins":
                if value is None or isinstance(value, (list, tuple)):
                    return None if value is None else tuple(str(item) for item in value)
                return tuple(part.strip() for part in str(value).split(",") if part.strip())
            case "clock":
                if value in (None, ""):
                    return None
                instant = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
                return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
            case "strict":
                return value if isinstance(value, bool) else _boolean(str(value))
            case "pool_size" | "attachment_limit":
                return _positive(int(value))
            case "session_minutes" | "session_hours" | "step_up_minutes":
                # A day without a request, a month in all: who needs more wants an API token.
                return _within(int(value), {"session_minutes": 1440, "session_hours": 744}.get(name, 15))
            case "second_factor":
                if value not in ("optional", "administrators", "everybody"):
                    raise ValueError(value)
                return value
            case "busy_timeout" | "hook_budget":
                return _positive(float(value))
            case "synchronous":
                if value not in ("full", "normal"):
                    raise ValueError(value)
                return value
            case "password_cost":
                return _password_cost(str(value))
            case name if name.startswith("rate_limit_"):
                return _rate(str(value))
            case "audit":
                if value not in ("deferred", "strict"):
                    raise ValueError(value)
                return value
            case "language":
                language = normalise_language(str(value))
                if language not in LANGUAGES:
                    raise ValueError(value)
                return language
            case "trusted_proxies":
                parts = value.split(",") if isinstance(value, str) else [str(item) for item in value]
                return tuple(str(ip_network(part.strip(), strict=False)) for part in parts if part.strip())
            case "public_url":
                return None if value in (None, "") else _address(str(value))
            case "metrics_token":
                if value not in (None, "") and len(str(value)) < 16:
                    raise ValueError("***")
                return str(value) if value else None
            case "options" | "sso":
                if not isinstance(value, Mapping):
                    raise ValueError(value)
                return value
            case _:
                return None if value in (None, "") else str(value)
    except (ValueError, TypeError) as error:
        shown = "***" if name == "metrics_token" else repr(value)
        raise ConfigurationError(_('The setting "{name}" cannot be {value}.'), name=name, value=shown) from error


def _address(text: str) -> str:
    found = urlsplit(text)
    if found.scheme not in ("http", "https") or not found.hostname or found.query or found.fragment or found.username:
        raise ValueError(text)
    return text.rstrip("/")


def _password_cost(text: str) -> str:
    match = re.fullmatch(r"t=(\d{1,3}),m=(\d{1,7}),p=(\d{1,2})", text.replace(" ", ""))
    if match is None:
        raise ValueError(text)
    passes, memory, lanes = map(int, match.groups())
    # 46 MiB in one pass is the least that OWASP's verification standard allows; 2 GiB a sign-in would stop a server.
    if passes < 1 or not 47_104 <= memory <= 2_097_152 or lanes < 1:
        raise ValueError(text)
    return f"t={passes},m={memory},p={lanes}"


def _rate(text: str) -> str:
    said = text.strip().lower()
    if said != "off" and not re.fullmatch(r"0*[1-9]\d{0,8}/(second|minute|hour|day)", said):
        raise ValueError(text)
    return said


def _boolean(text: str) -> bool:
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off", ""):
        return False
    raise ValueError(text)


def _within(number: int, most: int) -> int:
    if not 1 <= number <= most:
        raise ValueError(number)
    return number


def _positive(number: Any) -> Any:
    if number <= 0:
        raise ValueError(number)
    return number
