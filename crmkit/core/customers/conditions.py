"""Conditions of lists, as an admin types them (``city=Berlin``, ``created_at>=2026-01-01``), turned into SQL.

Expressions over facts are for the engines; here a condition is about one field.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Literal, cast

from attrs import frozen
from sqlalchemy import BigInteger, ColumnElement, Select, and_, func, literal, not_, or_, select

from crmkit.core.access.models import Team, User
from crmkit.core.customers.contacts import match_key
from crmkit.core.customers.fields import BESIDE, ListField, day_bounds, field_named, typed
from crmkit.core.customers.lookups import has_contact
from crmkit.core.customers.models import ContactPoint, Customer, CustomerIdentifier, CustomerTag
from crmkit.core.customers.names import folded
from crmkit.core.store.ids import parse_id
from crmkit.core.store.session import CrmSession
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts

_ = texts("crmkit")

Operator = Literal["=", "!=", ">=", "<=", ">", "<", "~"]
_CONDITION = re.compile(r"\s*([A-Za-z_][\w.]*)\s*(!=|>=|<=|=|>|<|~)(.*)", re.DOTALL)
_BIRTHDAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
SEALED = ("address", "email", "identity_number", "phone")
"""Fields that lists can be filtered by, by their whole value, though nobody can read it in SQL: not for a reader from
whom they are hidden altogether."""
_ORDERED = ("integer", "decimal", "date", "instant", "text", "choice")


@frozen(kw_only=True)
class Condition:
    """One condition: a field, an operator (``~`` is "contains"), and a value as text. An empty value with ``=`` means
    that the field is empty, with ``!=`` that it is not."""

    field: str
    operator: Operator
    value: str = ""

    @classmethod
    def parse(cls, text: str) -> Condition:
        """Return the condition that a text stands for. Raises InvalidInput."""
        match = _CONDITION.fullmatch(text)
        if match is None:
            raise InvalidInput(
                [
                    Problem(
                        "CK500",
                        _("This is not a condition."),
                        value=text,
                        hint=_("It should look like city=Berlin, size>=10 or name~ann."),
                    )
                ]
            )
        return cls(field=match[1], operator=cast(Operator, match[2]), value=match[3].strip())


def where(session: CrmSession, condition: Condition) -> ColumnElement[bool]:
    """Return the SQL of a condition. Raises InvalidInput, which names the field and suggests what was meant."""
    if "\x00" in condition.value:
        raise _refused(condition, _("This text contains a character that cannot be stored."))
    config = session.crm.config.get(session)
    field = field_named(config, condition.field, beside=BESIDE)
    if field is None:
        return _BESIDE[condition.field](session, condition)
    operator, value = condition.operator, condition.value
    if field.name == "birthday" and value and operator != "~" and not _BIRTHDAY.fullmatch(value):
        raise _refused(condition, _("This is not a day of the year."), hint=_("It should look like 08-15."))
    if value == "":
        if operator not in ("=", "!="):
            raise _refused(condition, _("A value is missing behind {operator}."), operator=operator)
        return _empty(field) if operator == "=" else not_(_empty(field))
    if operator == "~":
        return _contains(field, condition)
    if field.type == "choices":
        return _has_choice(session, field, condition)
    if operator not in ("=", "!=") and field.type not in _ORDERED:
        raise _refused(condition, _("This field has no order."))
    if field.name == "name" and operator in ("=", "!="):
        return _equal(Customer.name_key, folded(value), operator, nullable=False)
    bounds = day_bounds(field, value, config.zone)
    if bounds is not None:
        return _within(field, operator, bounds)
    if field.type == "decimal" and operator in ("=", "!="):
        return _equal(_exact(field), typed_decimal(field, value), operator, nullable=True)
    wanted = typed(field, value)
    # A number beyond what the column holds is compared all the same.
    here = literal(wanted, BigInteger()) if field.type == "integer" else wanted
    return _compare(field.expression, operator, here, nullable=field.nullable)


def typed_decimal(field: ListField, value: str) -> str:
    """Return the exact text under which a decimal is kept. Raises InvalidInput."""
    from crmkit.core.business.config import CustomFieldInfo
    from crmkit.core.customers.custom import custom_value

    typed(field, value)
    return cast(
        str, custom_value(CustomFieldInfo(resource="customer", name=field.name, title="", type="decimal"), value)
    )


def _exact(field: ListField) -> ColumnElement[Any]:
    item: Any = Customer.custom_open
    return cast("ColumnElement[Any]", item[field.name.removeprefix("custom.")].as_string())


def _refused(condition: Condition, message: str, **values: Any) -> InvalidInput:
    return InvalidInput([Problem("CK500", message, field=condition.field, value=condition.value, **values)])


def _whole_alone(condition: Condition) -> InvalidInput:
    """Return the refusal to look for a part of a value that is sealed, or to order by it."""
    message = _("This field is sealed: it can be looked for by its whole value alone.")
    return _refused(condition, message, hint=_("Use {name}=VALUE."), name=condition.field)


def _empty(field: ListField) -> ColumnElement[bool]:
    if not field.nullable and field.type != "text":
        return field.expression.is_(None)
    if field.type in ("text", "choice"):
        return or_(field.expression.is_(None), field.expression == "")
    if field.type == "choices":
        return or_(field.expression.is_(None), field.expression == "[]")
    return field.expression.is_(None)


def _contains(field: ListField, condition: Condition) -> ColumnElement[bool]:
    if field.type not in ("text", "choice", "choices"):
        raise _refused(condition, _("Only texts contain something; this field is of another type."))
    if field.name == "name":
        return Customer.name_key.contains(folded(condition.value), autoescape=True)
    return field.expression.icontains(condition.value, autoescape=True)


def _has_choice(session: CrmSession, field: ListField, condition: Condition) -> ColumnElement[bool]:
    if condition.operator not in ("=", "!="):
        raise _refused(condition, _("This field has no order."))
    needle = json.dumps(condition.value, ensure_ascii=False)
    position = func.strpos if session.get_bind().dialect.name == "postgresql" else func.instr
    has = func.coalesce(position(field.expression, needle), 0) > 0
    return has if condition.operator == "=" else not_(has)


def _within(field: ListField, operator: str, bounds: tuple[Any, Any]) -> ColumnElement[bool]:
    first, after = bounds
    column = field.expression
    if operator == "=":
        return and_(column >= first, column < after)
    if operator == "!=":
        return or_(column < first, column >= after, column.is_(None))
    if operator in (">=", "<"):
        return _compare(column, operator, first, nullable=False)
    return column >= after if operator == ">" else column < after


def _compare(column: Any, operator: str, value: Any, *, nullable: bool) -> ColumnElement[bool]:
    if operator in ("=", "!="):
        return _equal(column, value, operator, nullable=nullable)
    if operator == ">=":
        return column >= value
    if operator == "<=":
        return column <= value
    return column > value if operator == ">" else column < value


def _equal(column: Any, value: Any, operator: str, *, nullable: bool) -> ColumnElement[bool]:
    if operator == "=":
        return column == value
    return or_(column != value, column.is_(None)) if nullable else column != value


# --- what is looked up beside the customer ---------------------------------------------------------------------------


def _beside(condition: Condition, rows: Select[Any], key: Any, value: Any, text: Any) -> ColumnElement[bool]:
    """Return whether one of the rows beside the customer fits: ``key`` equals ``value``, ``text`` contains."""
    if condition.operator not in ("=", "!=", "~"):
        raise _refused(condition, _("This field has no order."))
    if condition.value == "":
        there = rows.exists()
        return not_(there) if condition.operator == "=" else there
    fits = text.icontains(condition.value, autoescape=True) if condition.operator == "~" else key == value
    there = rows.where(fits).exists()
    return not_(there) if condition.operator == "!=" else there


def _tag(kind: str) -> Callable[[CrmSession, Condition], ColumnElement[bool]]:
    def build(session: CrmSession, condition: Condition) -> ColumnElement[bool]:
        rows = select(CustomerTag.name).where(CustomerTag.customer_id == Customer.id, CustomerTag.kind == kind)
        return _beside(condition, rows, CustomerTag.name, condition.value, CustomerTag.name)

    return build


def _point(kind: str) -> Callable[[CrmSession, Condition], ColumnElement[bool]]:
    def build(session: CrmSession, condition: Condition) -> ColumnElement[bool]:
        if condition.operator not in ("=", "!="):
            raise _whole_alone(condition)
        if condition.value == "":
            points = select(ContactPoint.id).where(ContactPoint.customer_id == Customer.id, ContactPoint.kind == kind)
            there = points.exists()
            return not_(there) if condition.operator == "=" else there
        key = match_key(kind, condition.value, region=session.crm.config.get(session).country)
        if key is None:
            raise _refused(condition, _("This is not a valid value of this field."))
        # Found by its own index first: an address belongs to few customers.
        wanted = select(ContactPoint.customer_id).where(has_contact(session, kind, key))
        return Customer.id.in_(wanted) if condition.operator == "=" else Customer.id.not_in(wanted)

    return build


def _identity(session: CrmSession, condition: Condition) -> ColumnElement[bool]:
    if condition.operator not in ("=", "!="):
        raise _whole_alone(condition)
    number: Any = Customer.identity_number
    if condition.value == "":
        return not_(number.is_set()) if condition.operator == "=" else number.is_set()
    form = Customer.match_form_of("identity_number", condition.value, {})
    found = number.matches(session, form or "")
    return found if condition.operator == "=" else or_(not_(found), not_(number.is_set()))


def _named(column: Any, model: Any, name: Any) -> Callable[[CrmSession, Condition], ColumnElement[bool]]:
    """Return the builder for a reference that is given by id or by name."""

    def build(session: CrmSession, condition: Condition) -> ColumnElement[bool]:
        if condition.operator not in ("=", "!="):
            raise _refused(condition, _("This field has no order."))
        if condition.value == "":
            return column.is_(None) if condition.operator == "=" else column.is_not(None)
        wanted = parse_id(condition.value)
        if wanted is None:
            ids = session.scalars(select(model.id).where(name == _folded_if(model, condition.value))).all()
            if not ids:
                raise _refused(condition, _("There is no such record."))
            return column.in_(ids) if condition.operator == "=" else or_(column.not_in(ids), column.is_(None))
        return _equal(column, wanted, condition.operator, nullable=True)

    return build


def _folded_if(model: Any, value: str) -> str:
    return folded(value) if model is Customer else value


def _identifier(session: CrmSession, condition: Condition) -> ColumnElement[bool]:
    rows = select(CustomerIdentifier.source).where(CustomerIdentifier.customer_id == Customer.id)
    return _beside(condition, rows, CustomerIdentifier.external_id, condition.value, CustomerIdentifier.external_id)


def _source_identifier(session: CrmSession, condition: Condition) -> ColumnElement[bool]:
    rows = select(CustomerIdentifier.source).where(CustomerIdentifier.customer_id == Customer.id)
    return _beside(condition, rows, CustomerIdentifier.source, condition.value, CustomerIdentifier.source)


_BESIDE: dict[str, Callable[[CrmSession, Condition], ColumnElement[bool]]] = {
    "tag": _tag("tag"),
    "interest": _tag("interest"),
    "email": _point("email"),
    "phone": _point("phone"),
    "identity_number": _identity,
    "address": _point("address"),
    "owner": _named(Customer.owner_id, User, User.login),
    "team": _named(Customer.team_id, Team, Team.name),
    "organization": _named(Customer.parent_id, Customer, Customer.name_key),
    "external_id": _identifier,
    "identifier_source": _source_identifier,
}
