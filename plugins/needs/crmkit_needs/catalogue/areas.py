"""Product areas: adding, changing and finding them."""

from __future__ import annotations

import difflib
import re
from typing import Annotated

from attrs import frozen
from sqlalchemy import select

from crmkit import UNSET, CrmSession, Input, NotFound, UnsetType, given, operation, texts
from crmkit.errors import AlreadyExists
from crmkit_needs.catalogue.history import problem
from crmkit_needs.catalogue.inputs import OwnerId
from crmkit_needs.catalogue.models import ProductArea

_ = texts("crmkit_needs")

MANAGE = "needs.area.manage"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,59}")

Name = Annotated[str, Input(title=_("Name"), max_length=60, classified="public")]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
Parent = Annotated[str, Input(title=_("Part of"), max_length=60, resource="needs.area", classified="public")]


@frozen(kw_only=True)
class AreaUpdate:
    """What is to be changed; what is not given stays."""

    title: Title | UnsetType = UNSET
    parent: Parent | UnsetType = UNSET
    lead_id: OwnerId | UnsetType | None = UNSET
    active: Annotated[bool, Input(title=_("Active"), classified="public")] | UnsetType = UNSET


@operation("needs.area.create", title=_("Add a product area"), permission=MANAGE, effect="create")
def create_area(
    session: CrmSession, *, name: Name, title: Title = "", parent: Parent = "", lead_id: OwnerId | None = None
) -> ProductArea:
    """Add a part of what we make or do. Raises AlreadyExists, InvalidInput for a name that is none, NotFound for the
    area that it is said to be part of."""
    if not _NAME.fullmatch(name):
        raise problem("name", _("A name has small letters, digits, - and _, and begins with a letter."))
    if session.scalar(select(ProductArea.id).where(ProductArea.name == name)) is not None:
        raise AlreadyExists(_('There is a product area "{name}" already.'), name=name)
    made = ProductArea(
        name=name,
        title=title.strip() or name,
        parent_id=area_named(session, parent).id if parent else None,
        lead_id=lead_id,
    )
    session.add(made)
    return made


@operation("needs.area.update", title=_("Change the product area"), permission=MANAGE, effect="update")
def update_area(session: CrmSession, area: ProductArea, changes: AreaUpdate) -> ProductArea:
    """Change an area. Raises InvalidInput where it would be part of itself, NotFound."""
    said = given(changes)
    if "parent" in said:
        name = said.pop("parent")
        parent = area_named(session, name) if name else None
        above = parent
        while above is not None:
            if above.id == area.id:
                raise problem("parent", _("An area is not part of itself."))
            above = session.get(ProductArea, above.parent_id) if above.parent_id else None
        area.parent_id = parent.id if parent is not None else None
    for name, value in said.items():
        setattr(area, name, value)
    return area


def area_named(session: CrmSession, name: str) -> ProductArea:
    """Return a product area by its name. Raises NotFound, with the names that come close."""
    found = session.scalars(select(ProductArea).where(ProductArea.name == name)).first()
    if found is not None:
        return found
    names = list(session.scalars(select(ProductArea.name).order_by(ProductArea.name)))
    close = ", ".join(difflib.get_close_matches(name, names, 3) or names[:10]) or "–"
    raise NotFound(_('There is no product area "{name}".'), fix=_("There are: {known}."), name=name, known=close)


OPERATIONS = [create_area, update_area]
