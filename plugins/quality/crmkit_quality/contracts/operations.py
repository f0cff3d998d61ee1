"""What can be done with contracts: agreeing on one, changing it, stopping a source, releasing it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import attrs
from sqlalchemy import select

from crmkit import (
    UNSET,
    Conflict,
    CrmkitError,
    CrmSession,
    Input,
    InvalidInput,
    Problem,
    Refused,
    UnsetType,
    given,
    operation,
    row_condition,
    texts,
)
from crmkit_quality.contracts.events import ContractBroken, ContractReleased
from crmkit_quality.contracts.models import RESOURCES, ContractBreach, SourceContract
from crmkit_quality.contracts.terms import PYTHON, TYPES, Finding, types_of

_ = texts("crmkit_quality")

_CUSTOM = re.compile(r"\bcustom\.[A-Za-z_]\w*")
DUE = timedelta(days=2)
"""Within which the work on a breach is due."""

Kind = Literal["customers", "interactions", "purchases", "products"]
Resource = Annotated[Kind, Input(title=_("What it sends"), choices=RESOURCES, classified="internal")]
Owner = Annotated[UUID | None, Input(title=_("Owner"), resource="user", classified="internal")]
Names = Annotated[tuple[str, ...], Input(title=_("Required fields"), max_length=100, classified="internal")]
Headings = Annotated[
    tuple[str, ...], Input(title=_("Headings that must be there"), max_length=300, classified="internal")
]
Types = Annotated[Mapping[str, str], Input(title=_("Types by field"), max_length=100, classified="internal")]
Conditions = Annotated[tuple[str, ...], Input(title=_("Conditions on each row"), max_length=50, classified="internal")]
Invalid = Annotated[float, Input(title=_("Largest share of invalid rows"), minimum=0, maximum=1, classified="internal")]
Duplicates = Annotated[
    float, Input(title=_("Largest share of duplicates"), minimum=0, maximum=1, classified="internal")
]
Rows = Annotated[int, Input(title=_("Fewest rows"), minimum=0, maximum=1_000_000_000, classified="internal")]
Hours = Annotated[int | None, Input(title=_("Late after (hours)"), minimum=1, maximum=100_000, classified="internal")]


@attrs.frozen(kw_only=True)
class NewContract:
    """What is agreed with a source. Shares are from 0 to 1; with ``max_age_hours`` the source is late when nothing has
    come for so long."""

    source: Annotated[str, Input(title=_("Source"), max_length=120, classified="internal")]
    resource: Resource = "customers"
    owner_id: Owner = None
    required: Names = ()
    headings: Headings = ()
    types: Types = attrs.field(factory=dict[str, str])
    conditions: Conditions = ()
    max_invalid: Invalid = 0.0
    max_duplicates: Duplicates = 1.0
    min_rows: Rows = 1
    max_age_hours: Hours = None


@operation("quality.contract.create", title=_("Agree with a source"), effect="create")
def create_contract(session: CrmSession, new: NewContract) -> SourceContract:
    """Agree on what a source sends. Its owner is whoever agrees, unless said otherwise.

    Raises InvalidInput for a source that there is a contract with, unknown types, and conditions that cannot be used.
    """
    source = new.source.strip()
    problems = _term_problems(session, new.types, new.conditions)
    if not source:
        problems.append(_problem("source", _("Say which source."), source))
    elif session.scalar(select(SourceContract.id).where(SourceContract.source == source)) is not None:
        problems.append(_problem("source", _("There is a contract with this source."), source))
    if problems:
        raise InvalidInput(problems)
    contract = SourceContract(
        source=source,
        resource=new.resource,
        owner_id=new.owner_id or session.guarding.rights.user_id,
        required=list(new.required),
        headings=list(new.headings),
        types=dict(new.types),
        conditions=list(new.conditions),
        max_invalid=new.max_invalid,
        max_duplicates=new.max_duplicates,
        min_rows=new.min_rows,
        max_age_hours=new.max_age_hours,
    )
    session.add(contract)
    return contract


@attrs.frozen(kw_only=True)
class ContractUpdate:
    """What to change of a contract; what is not given stays."""

    resource: Resource | UnsetType = UNSET
    owner_id: Annotated[UUID | UnsetType | None, Input(title=_("Owner"), resource="user", classified="internal")] = (
        UNSET
    )
    required: Names | UnsetType = UNSET
    headings: Headings | UnsetType = UNSET
    types: Types | UnsetType = UNSET
    conditions: Conditions | UnsetType = UNSET
    max_invalid: Invalid | UnsetType = UNSET
    max_duplicates: Duplicates | UnsetType = UNSET
    min_rows: Rows | UnsetType = UNSET
    max_age_hours: Annotated[
        int | UnsetType | None,
        Input(title=_("Late after (hours)"), minimum=1, maximum=100_000, classified="internal"),
    ] = UNSET


@operation("quality.contract.update", title=_("Change the contract"), effect="update")
def update_contract(session: CrmSession, contract: SourceContract, changes: ContractUpdate) -> SourceContract:
    """Change what is agreed; it counts from the next file on. Raises InvalidInput as agreeing does."""
    values = given(changes)
    types = values.get("types", contract.types)
    problems = _term_problems(session, types, values.get("conditions", contract.conditions))
    if problems:
        raise InvalidInput(problems)
    for name, value in values.items():
        setattr(contract, name, list(value) if isinstance(value, tuple) else value)
    return contract


@operation("quality.contract.delete", title=_("End the contract"), effect="delete")
def delete_contract(session: CrmSession, contract: SourceContract) -> None:
    """End a contract, with the record of its breaches; from then on the source is taken in without conditions."""
    session.delete(contract)


@operation("quality.contract.stop", title=_("Stop the source"), permission="quality.contract.update", effect="update")
def stop_contract(session: CrmSession, contract: SourceContract) -> SourceContract:
    """Take in nothing more from the source until it is released. Raises Conflict where it is stopped already."""
    if contract.state == "stopped":
        raise Conflict(_('"{source}" is stopped already.'), source=contract.source)
    _stop(session, contract, "manual", (), "")
    return contract


@operation(
    "quality.contract.release",
    title=_("Release the source"),
    permission="quality.contract.release",
    effect="update",
)
def release_contract(
    session: CrmSession,
    contract: SourceContract,
    *,
    resolution: Annotated[str, Input(title=_("What was done"), max_length=500, multiline=True)] = "",
) -> SourceContract:
    """Take the source in again; the work on its breaches is done. Raises Conflict where it is not stopped."""
    if contract.state != "stopped":
        raise Conflict(_('"{source}" is not stopped.'), source=contract.source)
    contract.state, contract.stopped_at = "active", None
    _close_breaches(session, contract, resolution)
    session.emit(ContractReleased(contract_id=contract.id, source=contract.source))
    return contract


# --- for the framework's own use --------------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class BreachInput:
    """How a contract was broken, and by which file."""

    contract_id: Annotated[UUID, Input(title=_("Contract"), classified="internal")]
    kind: Annotated[str, Input(title=_("Kind"), max_length=12, classified="internal")]
    findings: Annotated[tuple[Finding, ...], Input(title=_("What was found"), max_length=200, classified="internal")]
    file_name: Annotated[str, Input(title=_("File"), max_length=255, classified="internal")] = ""
    stops: Annotated[bool, Input(title=_("Stops the source"), classified="internal")] = True


@operation("quality.contract.note_breach", title=_("Note a breach"), permission="quality.contract.update", hidden=True)
def note_breach(session: CrmSession, breach: BreachInput) -> ContractBreach:
    """Note that a contract was broken, stop its source, and make it work for its owner. Raises Refused outside system
    scope."""
    _only_system(session)
    contract = session.get_one(SourceContract, breach.contract_id)
    if not breach.stops:
        return _open_breach(session, contract, breach.kind, breach.findings, breach.file_name)
    return _stop(session, contract, breach.kind, breach.findings, breach.file_name)


@operation("quality.contract.note_feed", title=_("Note a feed"), permission="quality.contract.update", hidden=True)
def note_feed(
    session: CrmSession,
    *,
    contract_id: Annotated[UUID, Input(title=_("Contract"), classified="internal")],
    rows: Annotated[int, Input(title=_("Rows"), minimum=0, classified="internal")],
) -> None:
    """Note that something came that keeps the contract; that it was late is settled by that. Raises Refused outside
    system scope."""
    _only_system(session)
    contract = session.get_one(SourceContract, contract_id)
    contract.fed_at, contract.fed_rows = session.gate.clock.now(), rows
    for breach in _open_breaches(session, contract):
        if breach.kind == "late":
            breach.state, breach.done_at = "done", session.gate.clock.now()


def _stop(
    session: CrmSession, contract: SourceContract, kind: str, findings: Sequence[Finding], file_name: str
) -> ContractBreach:
    contract.state, contract.stopped_at = "stopped", session.gate.clock.now()
    return _open_breach(session, contract, kind, findings, file_name)


def _open_breach(
    session: CrmSession, contract: SourceContract, kind: str, findings: Sequence[Finding], file_name: str
) -> ContractBreach:
    breach = ContractBreach(
        contract_id=contract.id,
        source=contract.source,
        kind=kind,
        owner_id=contract.owner_id,
        team_id=contract.team_id,
        file_name=file_name[:255],
        findings=[{"message": str(each.message), "values": dict(each.values)} for each in findings],
        happened_at=session.gate.clock.now(),
        due_on=session.today() + DUE,
    )
    session.add(breach)
    session.emit(ContractBroken(contract_id=contract.id, source=contract.source, kind=kind, breach_id=breach.id))
    return breach


def _open_breaches(session: CrmSession, contract: SourceContract) -> Sequence[ContractBreach]:
    query = select(ContractBreach).where(ContractBreach.contract_id == contract.id, ContractBreach.state == "open")
    return list(session.scalars(query))


def _close_breaches(session: CrmSession, contract: SourceContract, resolution: str) -> None:
    for breach in _open_breaches(session, contract):
        breach.state, breach.done_at = "done", session.gate.clock.now()
        breach.resolution = resolution or None


def _term_problems(session: CrmSession, types: Mapping[str, str], conditions: Sequence[str]) -> list[Problem]:
    problems = [
        _problem(f"types.{name}", _("There is no such type; there are {known}."), kind, known=", ".join(TYPES))
        for name, kind in types.items()
        if kind not in TYPES
    ]
    if problems:
        return problems
    names = vocabulary(types, conditions)
    for number, text in enumerate(conditions):
        try:
            row_condition(session, text, names)
        except CrmkitError as error:
            for problem in error.problems:
                problem.field = f"conditions.{number}"
                problems.append(problem)
    return problems


def vocabulary(types: Mapping[str, str], conditions: Sequence[str], fields: Sequence[str] = ()) -> dict[str, Any]:
    """Return the names that conditions on rows may use, with their Python types: those of fields that are
    known, and of custom fields."""
    known = types_of([*FIELDS, *fields, *(name for text in conditions for name in _custom_names(text))], types)
    return {name: PYTHON[kind] for name, kind in known.items()}


def _custom_names(text: str) -> list[str]:
    return _CUSTOM.findall(text)


FIELDS = (
    "kind", "name", "family_name", "given_name", "middle_name", "salutation", "job_title", "organization", "email",
    "phone", "mobile", "street", "district", "postal_code", "city", "province", "country", "birth_date", "gender",
    "occupation", "language", "identity_kind", "identity_number", "industry", "size", "registration_number", "website",
    "standing", "source", "external_id", "converted_at", "customer", "customer_email", "customer_phone", "channel",
    "direction", "subject", "outcome", "occurred_at", "amount", "currency", "duration", "invoice", "sku", "quantity",
    "unit_price", "title", "category", "active",
)  # fmt: skip
"""The fields of rows that conditions may use."""


def _problem(field: str, message: str, value: object, **values: object) -> Problem:
    return Problem(InvalidInput.code, message, field=field, value=value, **values)


def _only_system(session: CrmSession) -> None:
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is noted by the framework alone."))


OPERATIONS = [
    create_contract,
    update_contract,
    delete_contract,
    stop_contract,
    release_contract,
    note_breach,
    note_feed,
]
