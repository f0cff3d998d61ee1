"""How a call that fails ends: one line that says what is wrong and what to do, and a documented exit code.

Must not know any command. A traceback is never shown unless ``CRMKIT_DEBUG=1`` asks for it; one of an internal error is
written to a file.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from crmkit import errors
from crmkit.cli.invocation import Invocation
from crmkit.errors import CrmkitError
from crmkit.i18n import texts, translate

_ = texts("crmkit")

OK = 0
INTERNAL = 1
USAGE = 2
INVALID = 3
REFUSED = 4
NOT_FOUND = 5
CONFLICT = 6
UNUSABLE = 7
PARTLY = 8
DAMAGED = 9
INTERRUPTED = 130
PIPE_CLOSED = 141

EXIT_CODES: Mapping[int, str] = {
    OK: _("Done."),
    INTERNAL: _("Internal error; a file holds the traceback."),
    USAGE: _("The command line itself is wrong: an option, an argument, or nobody to ask."),
    INVALID: _("The input is not valid: a value, a field, a file."),
    REFUSED: _("The actor may not do this, or a plugin refused it."),
    NOT_FOUND: _("There is no such record, operation or plugin, or it was erased."),
    CONFLICT: _("The change contradicts the present state: a stale version, a value that is taken, a used key."),
    UNUSABLE: _("The installation, its settings, its keys, its database or a plugin cannot be used."),
    PARTLY: _("Done in part: some rows were rejected."),
    DAMAGED: _("The audit log or a sealed value is not as it was written."),
    INTERRUPTED: _("Interrupted."),
    PIPE_CLOSED: _("Whoever read the output has gone away."),
}
"""What each exit code means."""

# The first class that an error is an instance of decides.
_BY_CLASS: tuple[tuple[type[CrmkitError], int], ...] = (
    (errors.UsageError, USAGE),
    (errors.MethodNotAllowed, USAGE),
    (errors.NotAcceptable, USAGE),
    (errors.PayloadTooLarge, USAGE),
    (errors.UnsupportedMediaType, USAGE),
    (errors.PreconditionRequired, USAGE),
    (errors.InternalError, INTERNAL),
    (errors.UnknownPlugin, NOT_FOUND),
    (errors.LifecycleError, CONFLICT),
    (errors.ConfigurationError, UNUSABLE),
    (errors.PluginError, UNUSABLE),
    (errors.StoreError, UNUSABLE),
    (errors.Erased, NOT_FOUND),
    (errors.KeyInUse, CONFLICT),
    (errors.SealBroken, DAMAGED),
    (errors.VaultError, UNUSABLE),
    (errors.InvalidInput, INVALID),
    (errors.NotFound, NOT_FOUND),
    (errors.Conflict, CONFLICT),
    (errors.Refused, REFUSED),
    (errors.ImportConflict, CONFLICT),
    (errors.ImportFailed, INVALID),
    (errors.JobError, CONFLICT),
)


def exit_code(error: CrmkitError) -> int:
    """Return the exit code for an error; 1 for one that only a mistake in the code can raise."""
    return next((code for cls, code in _BY_CLASS if isinstance(error, cls)), INTERNAL)


def report(error: Exception, invocation: Invocation) -> int:
    """Print an error in the way that was asked for and return the exit code."""
    if os.environ.get("CRMKIT_DEBUG", "") not in ("", "0"):
        traceback.print_exception(error, file=sys.stderr)
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.Abort):
        print(f"\n{translate(_('Interrupted.'), _language(invocation))}", file=sys.stderr)
        return INTERRUPTED
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return USAGE
    named = as_named(error, invocation)
    code = exit_code(named)
    invocation.output.failure(named, code)
    return code


def as_named(error: Exception, invocation: Invocation) -> CrmkitError:
    """Return the error of crmkit's own tree for any exception."""
    if isinstance(error, CrmkitError):
        return error
    if isinstance(error, click.ClickException):
        return _usage(error, _language(invocation))
    if isinstance(error, OSError) and error.filename is not None:
        return errors.HomeError(
            _("{path} cannot be used: {reason}."), path=error.filename, reason=error.strerror or type(error).__name__
        )
    if "sqlalchemy" in sys.modules:
        from sqlalchemy.exc import DBAPIError

        from crmkit.core.operations.translate import database_error

        if isinstance(error, DBAPIError):
            return database_error(error)
    return errors.InternalError(
        _("Something unexpected went wrong: {kind}. The traceback is in {file}."),
        fix=_("Set CRMKIT_DEBUG=1 to see it at once."),
        kind=type(error).__name__,
        file=_write_traceback(error, invocation),
    )


def _language(invocation: Invocation) -> str:
    try:
        return invocation.language
    except CrmkitError:
        return "en"


def _usage(error: click.ClickException, language: str) -> errors.UsageError:
    known: dict[str, Any] = {"fix": None}
    ctx: click.Context | None = getattr(error, "ctx", None)
    if ctx is not None and ctx.command.get_help_option(ctx) is not None:
        known = {"fix": _("{command} --help explains it."), "command": ctx.command_path}
    match error:
        case click.NoSuchOption():
            known["fix"] = _("Did you mean {close}?") if error.possibilities else known["fix"]
            return errors.UsageError(
                _("There is no option {name}."),
                name=error.option_name,
                close=", ".join(sorted(error.possibilities or ())),
                **known,
            )
        case click.MissingParameter() if error.param is not None:
            return errors.UsageError(_("{what} is missing."), what=_parameter(error.param, ctx), **known)
        case click.BadParameter() if error.param is not None:
            return errors.UsageError(
                _("{what}: {reason}"), what=_parameter(error.param, ctx), reason=error.message, **known
            )
        case _:
            return errors.UsageError(_("{reason}"), reason=error.format_message(), **known)


def _parameter(parameter: click.Parameter, ctx: click.Context | None) -> str:
    if parameter.param_type_name == "option" or ctx is None:
        return " / ".join(parameter.opts)
    return parameter.make_metavar(ctx)


def _write_traceback(error: Exception, invocation: Invocation) -> Path:
    """Write a traceback where only the user can read it: into the installation, else into a temporary file."""
    text = "".join(traceback.format_exception(error))
    stamp = datetime.now(UTC)
    header = f"{stamp.isoformat()} crmkit {' '.join(sys.argv[1:2])} on Python {sys.version}\n\n"
    try:
        home = invocation.home
        if home is not None and (home / "crmkit.toml").is_file():
            folder = home / "data" / "logs"
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path = folder / f"error-{stamp:%Y%m%dT%H%M%S%f}.log"
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(header + text)
            return path
    except OSError:
        pass
    handle, name = tempfile.mkstemp(prefix="crmkit-error-", suffix=".log")
    with open(handle, "w", encoding="utf-8") as file:
        file.write(header + text)
    return Path(name)
