"""Calls the command line in this process, on a CRM that is open already: how the kit of vendors tries commands.

Must not know any command, nor pytest.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen
from click.testing import CliRunner

from crmkit.cli.invocation import Invocation

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.core.store.actor import Actor
    from crmkit.hooks.resolution import Found


@frozen(kw_only=True)
class Called:
    """What a command printed, on standard output (``text``) and on standard error, and the exit code it ended with."""

    code: int
    text: str
    error: str

    @property
    def json(self) -> Any:
        """Return the one document that was printed, as with ``--json``. Raises ValueError when it was anything else."""
        return json.loads(self.text)


@frozen(kw_only=True)
class CommandLine:
    """The command line on an open CRM, which stays open."""

    crm: CRM

    def __call__(self, command: str, *words: object, actor: Actor | None = None, input: str | None = None) -> Called:
        """Call a command and return what came of it.

        ``command`` is parted as a shell would do it; each of ``words`` is a word as it stands. ``actor`` is who acts,
        by default the command line itself in system scope; ``input`` is what is typed. Messages are in the language of
        the settings unless the command says ``--language``. An error of the command is printed and not raised; the code
        tells of it.
        """
        from crmkit.cli.root import root

        clean = {name: None for name in os.environ if name.startswith("CRMKIT_")}
        runner = CliRunner(env={**clean, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"})
        done = runner.invoke(
            root,
            [*shlex.split(command), *map(str, words)],
            input=input,
            prog_name="crmkit",
            obj=_OnOpen(self.crm, actor),
        )
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Called(code=done.exit_code, text=done.stdout, error=done.stderr)


class _OnOpen(Invocation):
    """A call on a CRM that somebody else opened, and closes."""

    def __init__(self, crm: CRM, actor: Actor | None) -> None:
        super().__init__()
        self._open = crm
        self.enabled = self._running
        self.__dict__["settings"] = crm.settings
        if actor is not None:
            self.__dict__["actor"] = actor
        self._crm = crm

    def _running(self) -> Sequence[Found]:
        return [found for found in self._open.found if found.name in self._open.dispatcher.plugins]

    def reopen(self) -> None:
        """Go on with the CRM that is open."""

    def close(self) -> None:
        """Leave it open."""
