"""Comparisons that are answered beside a resource's table: whole values of what is sealed, by their tokens, and tags.

What is looked for beside is computed over every row; the rows that it leads to are filtered as ever. Must not know
expressions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import ColumnElement, and_, false, or_, select

from crmkit.core.customers.contacts import match_key
from crmkit.core.customers.lookups import POINTS
from crmkit.core.customers.models import ContactPoint, Customer, CustomerTag, contact_form
from crmkit.core.store.guard.computed import computed
from crmkit.core.store.sealed import sealed_fields
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts
from crmkit.resources.filters import FIELD, Exact
from crmkit.resources.shapes import ResourceShape

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

_POINT = cast(Any, ContactPoint).__table__
_TAG = cast(Any, CustomerTag).__table__
_CONTACTS = ("email", "phone")
_TAGS = {"customer.tags": "tag", "customer.interests": "interest"}


def token_condition(session: CrmSession, shape: ResourceShape, exact: Exact, name: str) -> ColumnElement[bool]:
    """Return the SQL of a comparison with whole values, never null. ``name`` is one that nothing else has in the
    statement. Raises InvalidInput for a value that the field cannot have."""
    if shape.model is Customer and exact.field in _CONTACTS:
        where: list[Any] = [_POINT.c.kind == exact.field]
        if exact.values:
            where.append(_POINT.c.value_token.in_(contact_tokens(session, exact.field, exact.values)))
        return _among(shape.table.c.id, select(_POINT.c.customer_id).where(*where), name)
    if exact.field in _TAGS:
        kind = _TAG.c.kind == _TAGS[exact.field]
        return _among(shape.table.c.id, select(_TAG.c.customer_id).where(kind, _TAG.c.name.in_(exact.values)), name)
    return _own_token(session, shape, exact)


def _among(identity: Any, ids: Any, name: str) -> ColumnElement[bool]:
    return identity.in_(select(computed(ids, name).c.customer_id))


def contact_tokens(session: CrmSession, kind: str, values: tuple[str, ...]) -> list[bytes]:
    """Return the tokens of contact points of a kind. Raises InvalidInput for a value that none can have."""
    country = session.crm.config.get(session).country
    found: list[bytes] = []
    for value in values:
        key = match_key(kind, value, region=country)
        if key is None:
            raise _impossible(kind)
        found.extend(session.crm.vault.tokens(POINTS, contact_form(kind, key)))
    return found


def _own_token(session: CrmSession, shape: ResourceShape, exact: Exact) -> ColumnElement[bool]:
    """Return the SQL for a sealed field of the record's own."""
    sealed = sealed_fields(shape.model)[exact.field]
    token: Any = shape.table.c[sealed.token_slot]
    if not exact.values:
        given = shape.table.c[sealed.column].is_not(None)
        return given if sealed.open_slot is None else or_(given, shape.table.c[exact.field].is_not(None))
    model: Any = shape.model
    tokens: list[bytes] = []
    for value in exact.values:
        try:
            form = model.match_form_of(exact.field, value, {})
        except (KeyError, TypeError):
            raise _impossible(exact.field) from None
        if form is not None:
            tokens.extend(session.crm.vault.tokens(f"{model.__tablename__}.{exact.field}", form))
    return and_(token.is_not(None), token.in_(tokens)) if tokens else false()


def _impossible(name: str) -> InvalidInput:
    message = _("{name} can have no such value.")
    return InvalidInput([Problem("CK500", message, field=FIELD, name=name)])
