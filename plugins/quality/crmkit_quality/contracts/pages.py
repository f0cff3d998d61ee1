"""The page of contracts: what is agreed with which source, whether it is kept, and what has to be done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from crmkit import CrmSession, Page, texts
from crmkit.i18n import Text
from crmkit_quality.contracts.models import BREACH_STATES, KINDS, RESOURCES, STATES, ContractBreach, SourceContract

_ = texts("crmkit_quality")

SHOWN = 50


def contracts(session: CrmSession) -> Mapping[str, Any]:
    """Return the contracts, and the breaches that are to be worked on, with the last ones that are done."""
    found = session.scalars(select(SourceContract).order_by(SourceContract.source)).all()
    breaches = session.scalars(
        select(ContractBreach)
        .order_by(ContractBreach.state.desc(), ContractBreach.happened_at.desc(), ContractBreach.id)
        .limit(SHOWN)
    ).all()
    rights = session.guarding.rights
    return {
        "contracts": found,
        "breaches": breaches,
        "findings": {
            each.id: [(Text(one["message"], "crmkit_quality"), one["values"]) for one in each.findings]
            for each in breaches
        },
        "states": STATES,
        "kinds": KINDS,
        "resources": RESOURCES,
        "breach_states": BREACH_STATES,
        "may_create": rights.scope("quality.contract", "create") != "none",
        "may_release": rights.scope("quality.contract", "release") != "none",
        "may_stop": rights.scope("quality.contract", "update") != "none",
    }


def findings_of(breach: ContractBreach) -> list[tuple[Text, Mapping[str, Any]]]:
    """Return what was found of a breach: texts that can be translated, with their values."""
    return [(Text(one["message"], "crmkit_quality"), one["values"]) for one in breach.findings]


PAGES = [
    Page(
        name="quality.contracts",
        title=_("Contracts with sources"),
        path="/contracts",
        template="quality/contracts/contracts.html",
        context=contracts,
        permission="quality.contract.read",
        icon="clipboard-check",
        order=60,
    )
]
