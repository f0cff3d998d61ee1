"""What the fields of a customer become when it absorbs another one: compared, chosen, and set.

Without a choice the survivor's value stays, and where it is empty the absorbed one's is taken; what belongs together
(a place, a name's parts, owner and team) is not mixed. Must not know rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import select

from crmkit.core.customers.bulk import setting_of
from crmkit.core.customers.inputs import CustomerUpdate
from crmkit.core.customers.models import Customer, custom_of
from crmkit.core.customers.updates import apply_plans, plan_of
from crmkit.core.operations.inputs import structure
from crmkit.core.store.guard.regions import region
from crmkit.core.store.model import field_info
from crmkit.core.store.opening import plain
from crmkit.core.store.session import CrmSession
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts
from crmkit.identity.values import FieldChoice, FieldComparison, Take

_ = texts("crmkit")

FIELDS = (
    "kind", "standing", "name", "family_name", "given_name", "middle_name", "salutation", "job_title", "birth_date",
    "gender", "occupation", "language", "time_zone", "identity_kind", "identity_number", "industry", "size",
    "registration_number", "website", "country", "province", "city", "source", "parent_id", "owner_id", "team_id",
)  # fmt: skip
"""The fields that can be chosen, beside custom ones and preferences."""
_NAMES = ("family_name", "given_name", "middle_name")
_TOGETHER = (("country", "province", "city"), ("owner_id", "team_id"), ("identity_kind", "identity_number"))
_FOLLOWING: Mapping[str, tuple[str, ...]] = {
    "name": _NAMES,
    "identity_number": ("identity_kind",),
    "owner_id": ("team_id",),
}
"""Fields that follow another one which somebody chose to take over, unless they were chosen themselves."""
_CUSTOM, _PREFERENCES = "custom.", "preferences."
_INSIDE = (_CUSTOM, _PREFERENCES)


@frozen(kw_only=True)
class Decided:
    """What a field becomes. ``survivor``, ``absorbed`` and ``value`` are in plain, for the framework's own use."""

    field: str
    title: str
    survivor: Any = field(repr=False)
    absorbed: Any = field(repr=False)
    value: Any = field(repr=False)
    taken: Take = "survivor"

    @property
    def differs(self) -> bool:
        """Say whether both have a value, and not the same."""
        return not _empty(self.survivor) and not _empty(self.absorbed) and self.survivor != self.absorbed


def decide_fields(
    session: CrmSession, survivor: Customer, absorbed: Customer, choices: Sequence[FieldChoice]
) -> list[Decided]:
    """Return what each field becomes of which either has a value. Raises InvalidInput for a choice of none."""
    titles = _titles(session)
    own, theirs = _plain_values(survivor), _plain_values(absorbed)
    chosen = _checked(choices, {*FIELDS, *titles, *own, *theirs})
    found: list[Decided] = []
    filled = _filled(survivor, absorbed, own, theirs)
    followed = {
        name
        for choice in choices
        if choice.take == "absorbed"
        for name in _FOLLOWING.get(choice.field, ())
        if name not in chosen
    }
    for name in dict.fromkeys((*FIELDS, *own, *theirs, *chosen)):
        choice = chosen.get(name)
        here, there = own.get(name), theirs.get(name)
        taken: Take = "survivor"
        if choice is not None:
            taken = choice.take
        elif name in followed or (_empty(here) and not _empty(there) and name in filled):
            taken = "absorbed"
        value = choice.value if choice is not None and taken == "value" else there if taken == "absorbed" else here
        if name == "standing" and choice is None and there == "customer":
            taken, value = ("survivor" if here == there else "absorbed"), there
        if name == "parent_id":
            value = _above(session, survivor.id, absorbed.id, value)
        if _empty(here) and _empty(there) and choice is None:
            continue
        found.append(
            Decided(
                field=name,
                title=titles.get(name, name.partition(".")[2] or name),
                survivor=here,
                absorbed=there,
                value=value,
                taken=taken,
            )
        )
    return found


def _filled(survivor: Customer, absorbed: Customer, own: Mapping[str, Any], theirs: Mapping[str, Any]) -> set[str]:
    """Return the fields that may be filled from the absorbed customer where they are empty."""
    found = {*FIELDS, *theirs}
    for group in _TOGETHER:
        both = [name for name in group if not _empty(own.get(name)) and not _empty(theirs.get(name))]
        agree = bool(both) and all(own[name] == theirs[name] for name in both)
        if not agree and any(not _empty(own.get(name)) for name in group):
            found -= set(group)
    has_parts = any(not _empty(own.get(name)) for name in _NAMES)
    if has_parts or plain(survivor, "name_key") != plain(absorbed, "name_key"):
        found -= set(_NAMES)
    return found


def _plain_values(customer: Customer) -> dict[str, Any]:
    values = {name: plain(customer, name) for name in FIELDS}
    values.update({f"{_CUSTOM}{name}": value for name, value in custom_of(customer).items()})
    values.update({f"{_PREFERENCES}{name}": value for name, value in (plain(customer, "preferences") or {}).items()})
    return values


def _titles(session: CrmSession) -> dict[str, str]:
    columns: Any = Customer.__table__.c
    titles = {name: field_info(columns[name]).title or name for name in FIELDS}
    known = session.crm.config.get(session).custom_fields.get("customer", {})
    titles.update({f"{_CUSTOM}{name}": info.title for name, info in known.items()})
    return titles


def _checked(choices: Sequence[FieldChoice], known: set[str]) -> dict[str, FieldChoice]:
    problems: list[Problem] = []
    found: dict[str, FieldChoice] = {}
    for place, choice in enumerate(choices):
        where = f"choices.{place}.field"
        if choice.field not in known and not choice.field.startswith(_PREFERENCES):
            problems.append(
                Problem("CK500", _("A customer has no field of this name to choose."), field=where, value=choice.field)
            )
        elif choice.field in found:
            problems.append(Problem("CK500", _("This field was chosen twice."), field=where, value=choice.field))
        found[choice.field] = choice
    if problems:
        raise InvalidInput(problems)
    return found


def compared(
    session: CrmSession, survivor: Customer, absorbed: Customer, decided: Sequence[Decided]
) -> list[FieldComparison]:
    """Return the comparisons of fields as the session's actor may see them."""
    return [
        FieldComparison(
            field=item.field,
            title=item.title,
            survivor=(here := _shown(survivor, item.field)),
            absorbed=(there := _shown(absorbed, item.field)),
            chosen=_shown_choice(item, here, there),
            taken=item.taken,
            differs=item.differs,
        )
        for item in decided
    ]


def _shown_choice(item: Decided, here: Any, there: Any) -> Any:
    if item.taken == "value":
        return item.value
    if item.field == "parent_id":
        return item.value
    return there if item.taken == "absorbed" else here


def _shown(customer: Customer, name: str) -> Any:
    for front in _INSIDE:
        if name.startswith(front):
            inner: Any = getattr(customer, front.rstrip("."))
            return inner.get(name.removeprefix(front)) if isinstance(inner, Mapping) else inner
    return getattr(customer, name)


# --- setting ---------------------------------------------------------------------------------------------------------


def set_fields(session: CrmSession, survivor: Customer, absorbed: Customer, decided: Sequence[Decided]) -> list[str]:
    """Give the survivor the values that were decided, and return the names of the fields that changed. What was typed
    by hand is checked as any change is; raises InvalidInput for it."""
    typed = [item for item in decided if item.taken == "value"]
    if typed:
        _set_typed(session, survivor, typed)
    changed = {item.field for item in typed}
    inside: dict[str, dict[str, Any]] = {}
    for item in decided:
        front = next((each for each in _INSIDE if item.field.startswith(each)), None)
        if item.taken != "absorbed" and item.field not in ("parent_id",):
            continue
        if front is not None:
            inside.setdefault(front, {})[item.field.removeprefix(front)] = item.value
            changed.add(item.field)
        elif item.taken != "value" and plain(survivor, item.field) != item.value:
            setattr(survivor, item.field, item.value)
            changed.add(item.field)
            if item.field == "name":
                survivor.sort_name, survivor.name_key = plain(absorbed, "sort_name"), plain(absorbed, "name_key")
    for front, values in inside.items():
        name = front.rstrip(".")
        before = custom_of(survivor) if name == "custom" else plain(survivor, name) or {}
        kept = {key: value for key, value in {**before, **values}.items() if not _empty(value)}
        setattr(survivor, name, kept)
    if survivor.standing == "customer":
        since = [each for each in (survivor.converted_at, absorbed.converted_at) if each is not None]
        if since and survivor.converted_at != min(since):
            survivor.converted_at = min(since)
            changed.add("converted_at")
    return sorted(changed)


def _set_typed(session: CrmSession, survivor: Customer, typed: Sequence[Decided]) -> None:
    values: dict[str, Any] = {}
    for item in typed:
        front, dot, rest = item.field.partition(".")
        if dot:
            values.setdefault(front, {})[rest] = item.value
        else:
            values[front] = item.value
    try:
        plan = plan_of(survivor, structure(CustomerUpdate, values), setting_of(session))
        apply_plans(session, [plan])
        if plan.error is not None:
            raise plan.error
    except InvalidInput as error:
        raise InvalidInput(
            [
                Problem(
                    each.code,
                    each.message,
                    field=f"choices.{each.field}" if each.field else "choices",
                    value=each.value,
                    hint=each.hint,
                    **each.values,
                )
                for each in error.problems
            ]
        ) from None


def _above(session: CrmSession, survivor: UUID, absorbed: UUID, wanted: Any) -> UUID | None:
    """Return the organisation that the survivor is a part of afterwards: none that would be a part of the survivor, as
    the absorbed one's parts are."""
    columns: Any = Customer.__table__.c
    above: dict[UUID, UUID | None] = {}

    def next_of(customer: UUID) -> UUID | None:
        if customer not in above:
            query = select(columns.parent_id).where(columns.id == customer)
            with region(session, "whether organisations form a circle"):
                above[customer] = session.connection().execute(query).scalar()
        return above[customer]

    here: Any = wanted
    if here in (absorbed, survivor):
        here = next_of(absorbed)
    tried: set[UUID] = set()
    while here is not None and here not in tried:
        tried.add(here)
        step, seen = here, set[UUID]()
        while step is not None and step not in seen and step not in (survivor, absorbed):
            seen.add(step)
            step = next_of(step)
        if step not in (survivor, absorbed):
            return here
        here = next_of(here) if here not in (survivor, absorbed) else next_of(absorbed)
    return None


def _empty(value: Any) -> bool:
    return value is None or value == "" or value == {} or value == []
