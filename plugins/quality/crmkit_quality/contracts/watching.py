"""Holds sources to their contracts: files before they are imported, single writes as they come, feeds that are late.

A file that breaks its contract changes nothing. Must not know how a contract is agreed on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import attrs
from sqlalchemy import func, select

from crmkit import (
    CRM,
    Actor,
    Change,
    CrmSession,
    Customer,
    Feed,
    Interaction,
    InvalidInput,
    Problem,
    row_condition,
    texts,
)
from crmkit.errors import FeedStopped
from crmkit_quality.contracts.errors import ContractBroken
from crmkit_quality.contracts.models import ContractBreach, SourceContract
from crmkit_quality.contracts.operations import vocabulary
from crmkit_quality.contracts.terms import Finding, Terms, flaws_of, judge_feed, types_of

_ = texts("crmkit_quality")

_KEPT = "quality.contracts"


# --- files ------------------------------------------------------------------------------------------------------------


def check_feed(crm: CRM, actor: Actor, feed: Feed) -> None:
    """Let a file through that keeps the contract with its source, or has none.

    Raises FeedStopped while the source is stopped, and for a file that breaks the contract, which stops it.
    """
    with crm.session(crm.system(_("contract with a source"))) as session:
        contract = session.scalar(
            select(SourceContract).where(SourceContract.source == feed.source, SourceContract.resource == feed.resource)
        )
        if contract is None:
            return
        if contract.state == "stopped":
            raise stopped(contract.source)
        if feed.resumed:
            # It kept the contract when it was begun, and a part of it is there by now.
            return
        identity, terms = contract.id, terms_of(session, contract, list(feed.fields.values()))
    findings, rows = judge_feed(terms, feed)
    system = crm.system(_("contract with a source"))
    if not findings:
        crm.run(system, "quality.contract.note_feed", {"contract_id": identity, "rows": rows})
        return
    crm.run(
        system,
        "quality.contract.note_breach",
        {
            "contract_id": identity,
            "kind": findings[0].kind,
            "findings": [attrs.asdict(each) for each in findings],
            "file_name": feed.file_name,
        },
    )
    raise ContractBroken(feed.file_name, feed.source, findings)


def stopped(source: str) -> FeedStopped:
    """Return the error for a source that is stopped."""
    return FeedStopped(
        _('Nothing is taken from "{source}": it broke its contract.'),
        fix=_("Whoever looks after the contract releases it."),
        source=source,
    )


def terms_of(session: CrmSession, contract: SourceContract, fields: Sequence[str] = ()) -> Terms:
    """Return the terms of a contract, with its conditions ready to be asked. Raises ExpressionError."""
    names = vocabulary(contract.types, contract.conditions, fields)
    return Terms(
        required=contract.required,
        headings=contract.headings,
        types=contract.types,
        conditions=[(text, row_condition(session, text, names)) for text in contract.conditions],
        max_invalid=contract.max_invalid,
        max_duplicates=contract.max_duplicates,
        min_rows=contract.min_rows,
    )


# --- single writes ----------------------------------------------------------------------------------------------------


def validate_change(session: CrmSession, changes: Sequence[Change]) -> None:
    """Refuse what comes from a source that is stopped, and customers from a source who do not keep its contract.

    Raises FeedStopped and InvalidInput.
    """
    coming = [change for change in changes if change.resource in ("customer", "interaction") and _comes(change)]
    contracts = _contracts(session) if coming else {}
    if not contracts:
        return
    # A file was judged as a whole: so many of its rows may break the terms.
    judged = session.unit.operation.startswith("import.")
    for change in coming:
        for source in sorted(_sources(change)):
            contract = contracts.get(source)
            if contract is None:
                continue
            if contract.state == "stopped":
                raise stopped(source)
            if judged or change.resource != "customer" or change.kind != "create":
                continue
            if contract.resource == "customers":
                _check_terms(session, contract, change.record)


def _comes(change: Change) -> bool:
    """Say whether a change is something that a source has sent."""
    return change.kind == "create" or (change.kind == "update" and "source" in change.fields)


def _sources(change: Change) -> set[str]:
    record = change.record
    found = {record.source}
    if change.resource == "customer" and change.kind == "create":
        found.update(each.source for each in record.identifiers)
    return {source for source in found if source}


def _contracts(session: CrmSession) -> dict[str, SourceContract]:
    """Return the contracts by their sources, read once for each transaction."""
    known: dict[str, SourceContract] | None = session.info.get(_KEPT)
    if known is None:
        with session.no_autoflush:
            known = {each.source: each for each in session.scalars(select(SourceContract))}
        session.info[_KEPT] = known
    return known


def _check_terms(session: CrmSession, contract: SourceContract, record: Any) -> None:
    terms = session.info.setdefault(f"{_KEPT}.terms", {})
    if contract.source not in terms:
        with session.no_autoflush:
            terms[contract.source] = terms_of(session, contract)
    values = {name: getattr(record, name, None) for name in _FIELDS}
    values["custom"] = record.custom or {}
    values["contact_points"] = [{"kind": each.kind, "value": each.value} for each in record.contact_points]
    values["external_id"] = next((each.external_id for each in record.identifiers), None)
    own: Terms = terms[contract.source]
    flaws = flaws_of(own, values, types_of(vocabulary(own.types, [text for text, _holds in own.conditions]), own.types))
    problems = [
        Problem(
            InvalidInput.code,
            _SAID[sort],
            field=what if sort != "condition" else None,
            what=what,
            source=contract.source,
        )
        for sort, what in flaws
    ]
    if problems:
        raise InvalidInput(problems)


_SAID = {
    "required": _('The contract with "{source}" asks for this.'),
    "type": _('By the contract with "{source}" this is of another type.'),
    "condition": _('This does not keep the contract with "{source}": {what}'),
}
_FIELDS = (
    "kind", "name", "family_name", "given_name", "middle_name", "salutation", "job_title", "country", "province",
    "city", "gender", "occupation", "language", "identity_kind", "identity_number", "industry", "size",
    "registration_number", "website", "standing", "source", "birth_date", "converted_at",
)  # fmt: skip


# --- feeds that are late ----------------------------------------------------------------------------------------------


def find_late(session: CrmSession, tick: datetime) -> None:
    """Note the feeds that are late, each once: the job."""
    now = session.gate.clock.now()
    for contract in session.scalars(
        select(SourceContract).where(SourceContract.max_age_hours.is_not(None), SourceContract.state == "active")
    ).all():
        last = last_fed(session, contract)
        assert contract.max_age_hours is not None
        if now - last <= timedelta(hours=contract.max_age_hours) or _noted(session, contract):
            continue
        hours = int((now - last).total_seconds() // 3600)
        finding = Finding(
            kind="late",
            message=_("Nothing has come for {hours} hours, at most {most} are agreed."),
            values={"hours": hours, "most": contract.max_age_hours},
        )
        session.run(
            "quality.contract.note_breach",
            {"contract_id": contract.id, "kind": "late", "findings": [attrs.asdict(finding)], "stops": False},
        )


def last_fed(session: CrmSession, contract: SourceContract) -> datetime:
    """Return when something came from a source last (UTC): a file, or a single write; else when it was agreed on."""
    found = [contract.created_at]
    if contract.fed_at is not None:
        found.append(contract.fed_at)
    of: Any = Customer if contract.resource == "customers" else Interaction
    at = of.created_at if of is Customer else of.recorded_at
    newest = session.scalar(select(func.max(at, type_=at.type)).where(of.source == contract.source))
    return max([*found, newest] if newest is not None else found)


def _noted(session: CrmSession, contract: SourceContract) -> bool:
    query = select(ContractBreach.id).where(
        ContractBreach.contract_id == contract.id, ContractBreach.state == "open", ContractBreach.kind == "late"
    )
    return session.scalar(query.limit(1)) is not None
