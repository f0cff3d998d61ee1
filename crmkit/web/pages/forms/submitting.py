"""Runs the operation of a form with what was typed, and gives the form back where that did not work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from crmkit.core.vault.secrets import random_text
from crmkit.errors import (
    CrmkitError,
    InvalidCredentials,
    KeyReused,
    NotFound,
    Problem,
    StaleWrite,
    StepUpNeeded,
    Unauthenticated,
)
from crmkit.i18n import texts
from crmkit.web.http.problems import status_of
from crmkit.web.pages.forms.making import Maker, form_of
from crmkit.web.pages.forms.model import Field, Form
from crmkit.web.pages.forms.reading import Reading, read_form

if TYPE_CHECKING:
    from crmkit.web.pages.call import PageCall

_ = texts("crmkit")

_NOT_FOR_FORMS = (StepUpNeeded, Unauthenticated, InvalidCredentials)


@frozen(kw_only=True)
class Submission:
    """What became of a form: the operation's result, or the form again with what is wrong and the status to answer
    with."""

    result: Any = None
    form: Form | None = None
    status: int = 200
    error: CrmkitError | None = None


def submit(call: PageCall, form: Form, *, target: Any = None) -> Submission:
    """Run the operation of a form with what was typed into it, on its record (or ``target``).

    A second press of the same button does nothing and gives the first one's result. Raises what no form can mend:
    StepUpNeeded, Unauthenticated, NotFound for a record that is gone, and errors of the installation.
    """
    reading = read_form(call, form)
    if reading.problems:
        return Submission(form=renewed(reading.form), status=422)
    about = form.record if target is None else target
    try:
        result = call.run(
            form.operation,
            reading.values,
            target=getattr(about, "id", about),
            version=reading.version if about is not None else None,
            key=reading.key,
        )
    except _NOT_FOR_FORMS:
        raise
    except CrmkitError as error:
        status = status_of(error)
        if status >= 500 or _is_about_target(error, about):
            raise
        return Submission(form=failed(call, reading, error), status=status, error=error)
    return Submission(result=result)


def _is_about_target(error: CrmkitError, about: Any) -> bool:
    """Say whether it is the record itself that there is not, and not something that was typed."""
    return isinstance(error, NotFound) and about is not None and error.values.get("id") == getattr(about, "id", about)


def renewed(form: Form) -> Form:
    """Return a form that was refused with a key of its own: what is sent next is another thing."""
    return evolve(form, key=random_text(24))


def failed(call: PageCall, reading: Reading, error: CrmkitError) -> Form:
    """Return a form as it was typed, with what an error says at its fields."""
    if isinstance(error, StaleWrite):
        return _stale(call, reading, error)
    problems = list(error.problems)
    if isinstance(error, KeyReused):
        message = _("This form was sent already, and then changed. Send it again if it is meant once more.")
        problems = [Problem(error.code, message)]
    return renewed(reading.form).with_problems(problems)


def _stale(call: PageCall, reading: Reading, error: StaleWrite) -> Form:
    """Return the form over the record as it is now: what was not touched is as it is now, what was typed is kept, with
    what stands there now beside it."""
    typed = reading.form
    with call.session() as session:
        model = type(typed.record)
        session.expire_all()
        record = session.get(model, typed.record.id) if typed.record is not None else None
        if record is None:
            return renewed(typed).with_problems(error.problems)
        names = [each.name for each in typed.fields]
        fresh = form_of(call, typed.operation, record, fixed=typed.fixed, only=names, session=session)
        maker = Maker(session=session, operation=call.crm.registry.operation(typed.operation), language=call.language)
        now = {each.name: each for each in fresh.fields}
        fields = [_merged(maker, each, now[each.name], typed.was.get(each.name)) for each in typed.fields]
    message = _("Somebody has changed this meanwhile. Look at what stands there now, and save again.")
    kept = evolve(fresh, fields=tuple(fields))
    return kept.with_problems([Problem(error.code, message)])


def _merged(maker: Maker, typed: Field, now: Field, was: str | None) -> Field:
    if was is None:
        return typed
    if typed.fingerprint() == was:
        return now
    changed = now.fingerprint() != was and now.fingerprint() != typed.fingerprint()
    return evolve(typed, present=now.said if changed else None)
