"""The sources of leads: adding them, and what they cost."""

from __future__ import annotations

from typing import Annotated

import attrs
from sqlalchemy import select

from crmkit import UNSET, CrmSession, Input, NotFound, UnsetType, given, operation, texts
from crmkit.errors import AlreadyExists
from crmkit_sales.leads.inputs import Title, check_amount, check_choice, problem
from crmkit_sales.leads.models import LeadSource
from crmkit_sales.leads.words import SOURCE_KINDS

_ = texts("crmkit_sales")

MANAGE = "sales.lead_source.manage"

Kind = Annotated[str, Input(title=_("Kind"), choices=SOURCE_KINDS, classified="public")]
Minor = Annotated[int | None, Input(title=_("Cost"), minimum=0, classified="internal")]
Currency = Annotated[str | None, Input(title=_("Currency"), max_length=3, classified="internal")]


@operation("sales.lead_source.create", title=_("Add a source"), permission=MANAGE, effect="create")
def create_source(
    session: CrmSession,
    *,
    name: Annotated[str, Input(title=_("Name"), max_length=60, classified="public")],
    title: Title = "",
    kind: Kind = "other",
    cost_minor: Minor = None,
    currency: Currency = None,
) -> LeadSource:
    """Add a source of leads, with what it cost so far. Raises AlreadyExists for a name that is taken."""
    if not name.strip():
        raise problem("name", _("This cannot be empty."))
    if session.scalar(select(LeadSource.id).where(LeadSource.name == name.strip())) is not None:
        raise AlreadyExists(_('There is a source "{name}" already.'), name=name.strip())
    check_choice("kind", kind, SOURCE_KINDS)
    check_amount(cost_minor, currency, "cost_minor")
    source = LeadSource(
        name=name.strip(), title=title.strip() or name.strip(), kind=kind, cost_minor=cost_minor, currency=currency
    )
    session.add(source)
    return source


@attrs.frozen(kw_only=True)
class SourceUpdate:
    """What to change of a source; what is not given stays."""

    title: Title | UnsetType = UNSET
    kind: Kind | UnsetType = UNSET
    cost_minor: Minor | UnsetType = UNSET
    currency: Currency | UnsetType = UNSET
    active: Annotated[bool | UnsetType, Input(title=_("Active"), classified="public")] = UNSET


@operation("sales.lead_source.update", title=_("Change the source"), permission=MANAGE, effect="update")
def update_source(session: CrmSession, source: LeadSource, changes: SourceUpdate) -> LeadSource:
    """Change a source, such as what it has cost by now. Raises InvalidInput."""
    values = given(changes)
    if "kind" in values:
        check_choice("kind", values["kind"], SOURCE_KINDS)
    for name, value in values.items():
        setattr(source, name, value)
    check_amount(source.cost_minor, source.currency, "cost_minor")
    return source


def source_named(session: CrmSession, name: str) -> LeadSource:
    """Return a source by its name. Raises NotFound with the names that there are."""
    found = session.scalar(select(LeadSource).where(LeadSource.name == name))
    if found is None:
        names = ", ".join(session.scalars(select(LeadSource.name).order_by(LeadSource.name))) or "–"
        raise NotFound(_('There is no source "{name}".'), fix=_("There are: {names}."), name=name, names=names)
    return found


OPERATIONS = [create_source, update_source]
