"""The errors of input, rights and operations. Must not know databases, plugins or doors."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from crmkit.errors.base import CrmkitError, Problem, problem_of
from crmkit.i18n import texts

_ = texts("crmkit")


class InvalidInput(CrmkitError):
    """An input was refused; ``problems`` has one entry for each thing that is wrong. Nothing was written."""

    code = "CK500"
    summary = _("The input is not valid.")

    def __init__(self, problems: Iterable[Problem] | str, *, fix: str | None = None, **values: object) -> None:
        if isinstance(problems, str):
            problems = [problem_of(self.code, problems, fix, values)]
        self._problems = tuple(problems)
        super().__init__(
            "; ".join(problem.render() for problem in self._problems).replace("{", "{{").replace("}", "}}")
        )

    def render(self, language: str = "en") -> str:
        return "; ".join(problem.render(language) for problem in self._problems)

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self._problems


class NotFound(CrmkitError):
    """There is no such record, or none that the actor may see: the two look alike."""

    code = "CK501"
    summary = _("There is no such record.")


class UnknownOperation(NotFound):
    """No operation of that name is registered."""

    code = "CK502"
    summary = _("There is no such operation.")


class RateMissing(NotFound):
    """Money cannot be converted as an exchange rate is not known for that day; the message names the rate."""

    code = "CK503"
    summary = _("An exchange rate is not known.")


class Conflict(CrmkitError):
    """The change contradicts the present state."""

    code = "CK510"
    summary = _("The change contradicts the present state.")


class StaleWrite(Conflict):
    """The record was changed by someone else since it was read. Nothing was written."""

    code = "CK511"
    summary = _("The record was changed by someone else in the meantime.")


class KeyReused(Conflict):
    """An idempotency key came again with another input."""

    code = "CK512"
    summary = _("This idempotency key was used before with another input.")


class AlreadyExists(Conflict):
    """A value that must be unique is taken."""

    code = "CK513"
    summary = _("This exists already.")


class PossibleDuplicate(Conflict):
    """Somebody who is to be added seems to be a customer already; ``candidates`` are those whom the caller may see, as
    (id, score, reason). Unless it is ``final`` it can be said that it is somebody else."""

    code = "CK515"
    summary = _("This seems to be a customer who is known already.")

    def __init__(
        self,
        message: str | None = None,
        *,
        candidates: Iterable[tuple[UUID, float, str]] = (),
        final: bool = False,
        fix: str | None = None,
        **values: object,
    ) -> None:
        super().__init__(message, fix=fix, **values)
        self.candidates = tuple(candidates)
        self.final = final

    @classmethod
    def of(cls, candidates: Iterable[tuple[UUID, float, str]], *, final: bool) -> PossibleDuplicate:
        """Return the error for some candidates, with what can be done."""
        found = tuple(candidates)
        return cls(
            candidates=found,
            final=final,
            fix=_("Use the customer who is there: {ids}.")
            if final
            else _("Use the customer who is there: {ids}. If it is somebody else, say so by despite_duplicates."),
            ids=", ".join(str(identity) for identity, _score, _reason in found),
        )


class EventsGone(Conflict):
    """A cursor of the feed of events does not fit it any more: what followed was removed, or the database is an earlier
    backup. Who follows the feed has to begin anew."""

    code = "CK514"
    summary = _("The feed of events does not go on from this cursor.")


class Refused(CrmkitError):
    """The actor may not do this."""

    code = "CK520"
    summary = _("This is not permitted.")


class Veto(Refused):
    """A plugin's ``validate_change`` refused the change."""

    code = "CK521"
    summary = _("A plugin refused the change.")


class InvalidCredentials(Refused):
    """Nobody signs in with these: the login, the password, the code or the token is not right, no longer valid, or
    belongs to somebody who has left. Which of them it is, is not said."""

    code = "CK522"
    summary = _("These credentials do not open anything.")


class TooManyAttempts(Refused):
    """Too many wrong guesses came for this login or from this address; ``seconds`` says how long to wait. The login
    is not blocked for good, nor from everywhere."""

    code = "CK523"
    summary = _("Too many attempts.")

    def __init__(
        self, message: str | None = None, *, seconds: int = 0, fix: str | None = None, **values: object
    ) -> None:
        super().__init__(message, fix=fix, seconds=seconds, **values)
        self.seconds = seconds


class WriteOutsideOperation(CrmkitError):
    """A session tried to write outside an operation, or a reading session tried to write at all."""

    code = "CK530"
    summary = _("Changes are made by operations only.")


class NestingTooDeep(CrmkitError):
    """Operations, events or subscriptions call each other without end."""

    code = "CK531"
    summary = _("Operations nest too deeply.")


class GuardRefused(CrmkitError):
    """A statement would reach rows past the filter of what its reader may see, or a flush would write what its actor
    may not. The code that sent it has to be mended."""

    code = "CK532"
    summary = _("A statement would pass by the access rules.")
