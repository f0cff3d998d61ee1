"""One call of the command line: which installation, who acts, in which language, and what it has opened.

Commands get it as their first argument, a plugin's commands by ``click.pass_obj``. Opens nothing until it is asked.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmkit.errors import ConfigurationError, HomeError
from crmkit.i18n import LANGUAGES, language_of_environment, normalise_language, texts, translate

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.cli.output import Output
    from crmkit.core.store.actor import Actor
    from crmkit.core.store.session import CrmSession
    from crmkit.hooks.resolution import Found
    from crmkit.settings import Settings

_ = texts("crmkit")

_LOCALE = ("CRMKIT_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


class Invocation:
    """What the options of crmkit itself say, and the CRM that they name.

    ``crm`` opens the installation at its first use; it is closed when the command ends.
    """

    def __init__(self) -> None:
        self.home_option: str | None = None
        self.user: str | None = None
        self.language_option: str | None = None
        self.json = False
        self.quiet = False
        self.no_color = False
        self.enabled: Callable[[], Sequence[Found]] | None = None
        """Returns the enabled plugins where these are known without the file beside the settings."""
        self._crm: CRM | None = None

    # --- language -----------------------------------------------------------------------------------------------

    @property
    def language(self) -> str:
        """Return the language of messages: the option's, the terminal's, or the installation's."""
        if self.language_option:
            return self._known_language(self.language_option)
        stated = next((value for name in _LOCALE if (value := os.environ.get(name))), "C")
        if stated.partition(".")[0] in ("C", "POSIX") and "settings" in self.__dict__:
            return self.settings.language
        return language_of_environment()

    def _known_language(self, tag: str) -> str:
        language = normalise_language(tag)
        if language not in LANGUAGES:
            self.language_option = None
            raise ConfigurationError(
                _('There is no language "{tag}".'),
                fix=_("Known: {known}."),
                tag=tag,
                known=", ".join(f"{name} ({title})" for name, title in LANGUAGES.items()),
            )
        return language

    def text(self, message: str, /, **values: object) -> str:
        """Return a text in the language of this call."""
        return translate(message, self.language, **values)

    # --- the installation ---------------------------------------------------------------------------------------

    @property
    def home(self) -> Path | None:
        """Return the folder that is named, or the current one if it is an installation; else None."""
        named = self.home_option or os.environ.get("CRMKIT_HOME")
        if named:
            return Path(named).expanduser().absolute()
        here = Path.cwd()
        return here if (here / "crmkit.toml").is_file() else None

    @cached_property
    def settings(self) -> Settings:
        """Return the settings of the installation. Raises HomeError and ConfigurationError."""
        from crmkit.settings import Settings, environment

        home = self.home
        if home is not None:
            return Settings.from_home(home)
        values = environment(os.environ)
        if "database" in values:
            return Settings.from_mapping(values)
        raise HomeError(
            _("No installation is named, and the current folder is none."),
            fix=_("Give --home DIR or set CRMKIT_HOME; crmkit --home DIR init makes a new one."),
        )

    @property
    def crm(self) -> CRM:
        """Return the customer base, opened at the first use; plugins that are broken are named on standard error.

        Raises HomeError, ConfigurationError and StoreError when it cannot be opened.
        """
        if self._crm is None:
            from sqlalchemy.exc import DBAPIError

            from crmkit.app import CRM
            from crmkit.core.operations.translate import database_error

            try:
                self._crm = CRM.open(self.settings)
            except DBAPIError as error:
                raise database_error(error) from error
            for name, error in self._crm.broken.items():
                self.output.warn(
                    _('The plugin "{name}" is set aside: {reason}'), name=name, reason=error.reason(self.language)
                )
        return self._crm

    @cached_property
    def actor(self) -> Actor:
        """Return who acts: the owner of the token in ``CRMKIT_TOKEN``, the user that ``--as`` names, or the command
        line itself in system scope. Raises as `crmkit.cli.acting.actor_of_call` does."""
        from crmkit.cli.acting import actor_of_call

        nobody = self.json or not sys.stdin.isatty()
        return actor_of_call(self.crm, self.user, None if nobody else self._ask_password)

    def _ask_password(self) -> str:
        import click

        return str(click.prompt(self.text(_("Password of {login}"), login=self.user), hide_input=True, err=True))

    def session(self) -> AbstractContextManager[CrmSession]:
        """Open a session to read as the actor of this call."""
        return self.crm.session(self.actor)

    def run(self, operation: str, values: dict[str, Any] | None = None, **options: Any) -> Any:
        """Run one operation as the actor of this call; ``options`` are target, version and key."""
        return self.crm.run(self.actor, operation, values or {}, **options)

    @property
    def output(self) -> Output:
        """Return where data and messages are printed."""
        from crmkit.cli.output import Output

        zone = "UTC"
        if self._crm is not None:
            zone = self._zone
        return Output(json=self.json, quiet=self.quiet, color=not self.no_color, language=self.language, zone=zone)

    @cached_property
    def _zone(self) -> str:
        return self.crm.business().zone

    def reopen(self) -> None:
        """Close what was opened, so that it is opened anew at its next use: after plugins or settings have changed."""
        self.close()
        for name in ("settings", "actor", "_zone"):
            self.__dict__.pop(name, None)

    def close(self) -> None:
        """Close what was opened."""
        crm, self._crm = self._crm, None
        if crm is not None:
            crm.close()
