"""Operations of classification: saving dimensions and turning them on and off, runs, and the pins of persons."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from sqlalchemy import select

from crmkit.core.customers.models import Customer
from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.store.session import CrmSession
from crmkit.engines.classification.dimensions import KIND
from crmkit.engines.classification.events import DimensionChanged, LabelPinned, LabelUnpinned
from crmkit.engines.classification.reading import readable
from crmkit.engines.classification.running import Run, decide_now, run
from crmkit.engines.classification.tables import LabelPin
from crmkit.engines.definitions.documents import from_document
from crmkit.engines.definitions.publishing import Defined, publish, reset, set_enabled
from crmkit.errors import InvalidInput, NotFound, Problem
from crmkit.hooks.classification import ByValue, Dimension
from crmkit.hooks.contributions import Job
from crmkit.i18n import texts

if TYPE_CHECKING:
    from sqlalchemy import Select

_ = texts("crmkit")

Name = Annotated[str, Input(title=_("Dimension"), max_length=120, classified="internal")]
Names = Annotated[tuple[str, ...] | None, Input(title=_("Dimensions"), max_length=200, classified="internal")]
Document = Annotated[dict[str, Any], Input(title=_("Definition"), classified="internal")]
Note = Annotated[str, Input(title=_("Note"), max_length=500, classified="internal")]
LabelInput = Annotated[str, Input(title=_("Label"), max_length=200, classified="personal")]
Reason = Annotated[str | None, Input(title=_("Reason"), max_length=1000, classified="sensitive", multiline=True)]
AsOf = Annotated[datetime | None, Input(title=_("As of"), classified="internal")]

REFRESH = "crm.classification.refresh"
"""The job that decides over those for whom something could have changed."""


# --- dimensions ------------------------------------------------------------------------------------------------------


@operation("dimension.save", title=_("Save a dimension"), permission="definition.admin")
def save_dimension(
    session: CrmSession, *, definition: Document, enabled: bool | None = None, note: Note = ""
) -> Defined:
    """Put a dimension into effect under its name, as a new version; ``definition`` is its plain form (see
    `crmkit.engines.definitions.documents.to_document`). Labels change with the next run. Raises DefinitionError with
    every problem."""
    saved = publish(session, KIND, from_document(Dimension, definition), enabled=enabled, note=note)
    return _told(session, saved.name, saved)


@operation("dimension.enable", title=_("Turn a dimension on"), permission="definition.admin")
def enable_dimension(session: CrmSession, *, name: Name) -> Defined:
    """Turn a dimension on. Raises UnknownDefinition."""
    return _told(session, name, set_enabled(session, KIND, name, True))


@operation("dimension.disable", title=_("Turn a dimension off"), permission="definition.admin")
def disable_dimension(session: CrmSession, *, name: Name) -> Defined:
    """Turn a dimension off: customers keep the labels that they have, and nobody decides over them. Raises
    UnknownDefinition."""
    return _told(session, name, set_enabled(session, KIND, name, False))


@operation("dimension.reset", title=_("Take back changes of a dimension"), permission="definition.admin")
def reset_dimension(session: CrmSession, *, name: Name) -> Defined | None:
    """Make a dimension as its plugin ships it again; one of one's own is removed. Raises UnknownDefinition."""
    return _told(session, name, reset(session, KIND, name))


def _told(session: CrmSession, name: str, found: Any) -> Any:
    session.emit(DimensionChanged(dimension=name, operation=session.unit.stack[-1]))
    return found


# --- runs ------------------------------------------------------------------------------------------------------------


@operation("classification.run", title=_("Classify customers"), permission="definition.admin")
def run_classification(
    session: CrmSession,
    *,
    dimensions: Names = None,
    complete: bool = False,
    settled: bool = False,
    as_of: AsOf = None,
) -> Run:
    """Decide over customers in all dimensions in effect, or in some, and write what changed.

    Those alone are looked at for whom something could have changed, unless ``complete``; ``settled`` leaves out the
    dimensions in which one customer's label depends on all others'. Raises Conflict for an ``as_of`` before the last
    run's, InvalidInput for one that is yet to come.
    """
    now = session.gate.clock.business_now()
    if as_of is not None and as_of > now:
        raise InvalidInput([Problem("CK500", _("This is yet to come."), field="as_of", value=as_of.isoformat())])
    return run(session, dimensions=dimensions, complete=complete, settled=settled, as_of=as_of)


def _every_night(session: CrmSession, *, tick: datetime) -> None:
    session.run("classification.run", {"complete": True})


def _from_time_to_time(session: CrmSession, *, tick: datetime | None = None) -> None:
    session.run("classification.run", {"settled": True})


JOBS = (
    Job(
        name="crm.classification.nightly",
        handler=_every_night,
        cron="30 1 * * *",
        catch_up="latest",
        acts_as="system",
        lease=3600,
        title=_("Classify all customers"),
    ),
    Job(
        name=REFRESH,
        handler=_from_time_to_time,
        every="15 minutes",
        catch_up="latest",
        acts_as="system",
        lease=900,
        title=_("Classify customers about whom something is new"),
    ),
)


# --- pins ------------------------------------------------------------------------------------------------------------


@operation("customer.pin_label", title=_("Pin a label"), effect="update")
def pin_label(
    session: CrmSession,
    customer: Customer,
    *,
    dimension: Name,
    label: LabelInput,
    reason: Reason = None,
    expires_at: AsOf = None,
) -> LabelPin:
    """Decide over a customer in a dimension oneself, until ``expires_at`` or until it is taken back; the label holds at
    once. Raises UnknownDefinition, Refused where the labels are masked for the actor, InvalidInput for a label that the
    dimension does not have and for a pin that has expired already."""
    value = readable(session, dimension)
    problems: list[Problem] = []
    names = [item.name for item in value.labels]
    if not label.strip() or (label not in names and not isinstance(value.decider, ByValue)):
        hint = _("Possible: {options}.")
        problems.append(
            Problem(
                "CK500", _("There is no such label."), field="label", value=label, hint=hint, options=", ".join(names)
            )
        )
    if expires_at is not None and expires_at <= session.gate.clock.business_now():
        problems.append(Problem("CK500", _("This is over already."), field="expires_at", value=expires_at.isoformat()))
    if problems:
        raise InvalidInput(problems)
    pin = session.scalar(_pin(customer, dimension))
    if pin is None:
        pin = LabelPin(customer_id=customer.id, dimension=dimension, label=label)
        session.add(pin)
    pin.label, pin.reason, pin.expires_at = label, reason, expires_at
    decide_now(session, customer.id, dimension)
    session.emit(LabelPinned(customer_id=customer.id, dimension=dimension, label=label, expires_at=expires_at))
    return pin


@operation("customer.unpin_label", title=_("Take a pin back"), effect="update")
def unpin_label(session: CrmSession, customer: Customer, *, dimension: Name) -> None:
    """Let a dimension's decider decide over a customer again, at once. Raises NotFound for a customer who has no pin in
    the dimension."""
    readable(session, dimension)
    pin = session.scalar(_pin(customer, dimension))
    if pin is None:
        raise NotFound(_("Nobody has pinned a label of {dimension} to this customer."), dimension=dimension)
    session.delete(pin)
    decide_now(session, customer.id, dimension)
    session.emit(LabelUnpinned(customer_id=customer.id, dimension=dimension))


def _pin(customer: Customer, dimension: str) -> Select[LabelPin]:
    return select(LabelPin).where(LabelPin.customer_id == customer.id, LabelPin.dimension == dimension)


OPERATIONS: list[Any] = [
    save_dimension,
    enable_dimension,
    disable_dimension,
    reset_dimension,
    run_classification,
    pin_label,
    unpin_label,
]
