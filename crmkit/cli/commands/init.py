"""``crmkit init``: makes an installation, asking what it cannot know, or nothing with ``--yes``.

The settings are written last, so that a folder is an installation only once its database is there.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from attrs import evolve, frozen

from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import option, single
from crmkit.errors import Conflict, HomeError, UsageError
from crmkit.i18n import LANGUAGES, language_of_environment, normalise_language, texts
from crmkit.private import FILE_MODE, FOLDER_MODE, make_private_file, make_private_folder
from crmkit.settings import FILE, Settings

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.security.credentials.passwords import IssuedCode

_ = texts("crmkit")


@frozen(kw_only=True)
class Answers:
    """What a new installation is told about its business."""

    name: str
    currency: str
    zone: str
    country: str | None
    language: str
    admin: str | None = None
    """Login of the first administrator, if one is made."""


@single("init", _("Make an installation: settings, keys, data and an empty database. Done again, it changes nothing."))
@option("--yes", "-y", is_flag=True, help=_("Ask nothing: take what the options say and what the system suggests."))
@option("--database", metavar="URL", help=_("Database; by default an SQLite file in the folder data."))
@option("--name", metavar="TEXT", help=_("Name of the business; by default the folder's."))
@option("--currency", metavar="CODE", help=_("Base currency (ISO 4217), such as EUR or CNY."))
@option("--zone", metavar="ZONE", help=_("Time zone of the business, such as Asia/Shanghai."))
@option("--country", metavar="CODE", help=_("Country of the business (ISO 3166), such as CN."))
@option("--language", metavar="TAG", help=_("Language of the business: en or zh_Hans."))
@option(
    "--admin",
    metavar="LOGIN",
    help=_("Add the first administrator and issue a one-time code; nobody is there unless said."),
)
def init(
    cli: Invocation,
    yes: bool,
    database: str | None,
    name: str | None,
    currency: str | None,
    zone: str | None,
    country: str | None,
    language: str | None,
    admin: str | None,
) -> None:
    """Make the installation that ``--home`` or ``CRMKIT_HOME`` names, or one in the current folder."""
    if language is not None:
        cli.language_option = language
        language = cli.language
    named = cli.home_option or os.environ.get("CRMKIT_HOME")
    home = Path(named).expanduser().absolute() if named else Path.cwd()
    given = {"name": name, "base_currency": currency, "zone": zone, "country": country, "language": language}
    if (home / FILE).exists():
        settings, fresh = _same(home, database), False
    else:
        settings = Settings.from_mapping({"database": database} if database else {}, home=home)
        fresh = True
    if admin is not None and not fresh:
        raise UsageError(
            _("{home} is an installation already."),
            fix=_("Add an administrator with: crmkit user add LOGIN NAME --role admin --invite"),
            home=home,
        )
    answers = evolve(_suggested(home, given), admin=admin)
    if fresh and not yes and sys.stdin.isatty():
        answers = _ask(cli, home, answers)
    answers = _checked(answers)
    code = _make(home, settings, answers, given, database if fresh else None, fresh=fresh)
    if cli.json:
        first = None if code is None else {"login": code.login, "code": code.code, "expires_at": code.expires_at}
        cli.output.document(
            {
                "home": home,
                "database": _without_password(settings),
                "created": fresh,
                **_values(answers),
                "admin": first,
            }
        )
    elif fresh:
        cli.output.say(_("{home} is an installation of crmkit now."), home=home)
        cli.output.say(
            _("{name}: currency {currency}, time zone {zone}. Next: crmkit --home {home} import FILE"),
            name=answers.name,
            currency=answers.currency,
            zone=answers.zone,
            home=home,
        )
        _say_admin(cli, home, code)
        cli.output.say(
            _("Its keys are in {keys}: without them the data can't be read. Back them up: crmkit key backup FILE"),
            keys=settings.keys if settings.key_provider == "file" else settings.key_provider,
        )
    else:
        cli.output.say(_("{home} is an installation already; nothing was changed."), home=home)


def _same(home: Path, database: str | None) -> Settings:
    """Return the settings of an installation that exists. Raises HomeError when it has another database."""
    settings = Settings.from_home(home)
    if database is None:
        return settings
    wanted = Settings.from_mapping({"database": database}, home=home).database
    relative = database.removeprefix("sqlite:///")
    if settings.database not in (wanted, f"sqlite:///{home / relative}"):
        raise HomeError(
            _("{home} is an installation already, with another database."),
            fix=_("Name another folder, or change database in {file}."),
            home=home,
            file=home / FILE,
        )
    return settings


def _suggested(home: Path, given: dict[str, str | None]) -> Answers:
    country = given["country"] or _country()
    return Answers(
        name=given["name"] or home.name or "crmkit",
        currency=given["base_currency"] or _currency(country),
        zone=given["zone"] or _zone(),
        country=country,
        language=given["language"] or language_of_environment(),
    )


def _ask(cli: Invocation, home: Path, suggested: Answers) -> Answers:
    output = cli.output
    output.say(
        _("This makes an installation of crmkit in {home}. An empty answer takes what is in brackets."), home=home
    )

    def ask(text: str, default: str | None) -> str:
        return str(click.prompt(cli.text(text), default=default or "", err=cli.json)).strip()

    return evolve(
        suggested,
        name=ask(_("Name of the business"), suggested.name),
        country=ask(_("Country (two letters)"), suggested.country) or None,
        currency=ask(_("Base currency"), suggested.currency),
        zone=ask(_("Time zone"), suggested.zone),
        language=ask(_("Language (en or zh_Hans)"), suggested.language),
        admin=ask(_("Login of the first administrator (empty for none)"), suggested.admin) or None,
    )


def _checked(answers: Answers) -> Answers:
    """Return the answers in their usual form, before anything is made. Raises InvalidInput with every problem."""
    from crmkit.core.business import standards
    from crmkit.errors import InvalidInput, Problem

    problems: list[Problem] = []
    found: dict[str, str] = {}
    for name, check in (
        ("currency", standards.currency),
        ("zone", standards.time_zone),
        ("country", standards.country),
    ):
        value = getattr(answers, name)
        try:
            if value is not None:
                found[name] = check(value)
        except InvalidInput as error:
            problems.extend(standards.named(problem, f"--{name}") for problem in error.problems)
    if normalise_language(answers.language) not in LANGUAGES:
        problems.append(
            Problem("CK500", _('There is no language "{language}".'), field="--language", language=answers.language)
        )
    if problems:
        raise InvalidInput(problems)
    return evolve(answers, language=normalise_language(answers.language), **found)


def _make(
    home: Path, settings: Settings, answers: Answers, given: dict[str, str | None], database: str | None, *, fresh: bool
) -> IssuedCode | None:
    """Make folders, database, settings and, if there is to be one, the first administrator; returns the one-time code
    that was issued for that one."""
    from crmkit.app import CRM
    from crmkit.core.store.actor import Actor

    make_private_folder(home)
    for folder in (home, settings.data, settings.keys, settings.files):
        assert folder is not None
        make_private_folder(folder)
        if fresh or folder in (settings.data, settings.keys):
            folder.chmod(FOLDER_MODE)
    if settings.sqlite_file is not None and settings.sqlite_file.parent.is_dir():
        # SQLite gives its other files the mode of this one.
        make_private_file(settings.sqlite_file, keep=True)
    with CRM.init(settings) as crm:
        business = crm.business()
        if business.base_currency is None:
            crm.run(Actor.system("crmkit init"), "business.configure", _values(answers))
        else:
            wanted = _values(answers)
            different = sorted(
                name for name, value in given.items() if value is not None and wanted[name] != getattr(business, name)
            )
            if different:
                raise Conflict(
                    _("The business is configured already, with another {names}."),
                    fix=_("Run: crmkit run business.configure"),
                    names=", ".join(different),
                )
        code = None if answers.admin is None or not fresh else _first_admin(crm, answers.admin)
    if fresh:
        _write_settings(home / FILE, database, answers.language)
    return code


def _first_admin(crm: CRM, login: str) -> IssuedCode:
    """Add the first administrator, who has no password until the code is redeemed."""
    from sqlalchemy import select

    from crmkit.cli.acting import command_line
    from crmkit.core.access.models import User

    with crm.transaction(command_line()) as session:
        # An init that was interrupted is done again.
        user = session.scalar(select(User).where(User.login == login))
        if user is None:
            user = session.run("user.create", {"login": login, "name": login})
            session.run("user.assign_role", {"role": "admin"}, target=user)
        code: IssuedCode = session.run("user.invite", target=user)
    return code


def _say_admin(cli: Invocation, home: Path, code: IssuedCode | None) -> None:
    if code is None:
        cli.output.say(
            _("Nobody can sign in yet. Next: crmkit --home {home} user add LOGIN NAME --role admin --invite"),
            home=home,
        )
        return
    cli.output.say(
        _("{login} is the administrator and sets a password with: crmkit --home {home} user redeem {login}"),
        login=code.login,
        home=home,
    )
    cli.output.say(_("One-time code: {code} (valid until {until})"), code=code.code, until=code.expires_at)


def _values(answers: Answers) -> dict[str, str | None]:
    return {
        "name": answers.name,
        "base_currency": answers.currency,
        "zone": answers.zone,
        "country": answers.country,
        "language": answers.language,
    }


def _write_settings(path: Path, database: str | None, language: str) -> None:
    lines = [
        "# Settings of this installation of crmkit. CRMKIT_<NAME> in the environment wins over a line here.",
        # JSON's texts are TOML's as well.
        f"database = {json.dumps(database or 'sqlite:///data/crmkit.db')}",
        f"language = {json.dumps(language)}",
    ]
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    path.chmod(FILE_MODE)


def _without_password(settings: Settings) -> str:
    from sqlalchemy.engine import make_url

    return make_url(settings.database).render_as_string(hide_password=True)


def _country() -> str | None:
    """Return the country of the terminal's locale (zh_CN.UTF-8 is CN), or None."""
    for variable in ("LC_ALL", "LC_MONETARY", "LANG"):
        territory = os.environ.get(variable, "").partition(".")[0].partition("@")[0].rpartition("_")[2]
        if len(territory) == 2 and territory.isupper():
            return territory
    return None


def _currency(country: str | None) -> str:
    from babel.numbers import get_territory_currencies

    found = get_territory_currencies(country.upper()) if country else []
    return found[0] if found else "EUR"


def _zone() -> str:
    """Return the time zone of the machine by its name in the time zone database, or UTC."""
    from zoneinfo import available_timezones

    candidates = [os.environ.get("TZ", "").removeprefix(":")]
    localtime = os.path.realpath("/etc/localtime")
    candidates.append(localtime.partition("/zoneinfo/")[2])
    known = available_timezones()
    return next((zone for zone in candidates if zone in known and "/" in zone), "UTC")
