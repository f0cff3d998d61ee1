"""Facts out of the customer's own record: profile, tags, contact points, consent.

The profile as of an earlier moment is walked back by the history of records; what has no history says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Integer, Select, String, and_, case, cast as sql_cast, false, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by

from crmkit.core.access.models import Team, User
from crmkit.core.customers.consents import EVERY
from crmkit.core.customers.models import Consent, ContactPoint, Customer, CustomerTag
from crmkit.core.store.guard import region
from crmkit.core.store.tables import RecordChange
from crmkit.core.store.types import json_type
from crmkit.engines.facts.querying import between
from crmkit.hooks.facts import Column, Fact, FactQuery, FactSet
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

_COLUMNS: Mapping[str, str] = {
    "kind": "kind",
    "standing": "standing",
    "name": "name",
    "country": "country",
    "province": "province",
    "city": "city",
    "industry": "industry",
    "size": "size",
    "gender": "gender",
    "occupation": "occupation",
    "language": "language",
    "source": "source",
    "birthday": "birthday",
    "born_from": "birth_band",
    "created_at": "created_at",
    "converted_at": "converted_at",
}
"""The facts that are a column of the customer's, by name."""


def _profile(column: Column, query: FactQuery) -> Mapping[str, Any]:
    band = column("birth_band")
    oldest = year_of(query) - band
    return {
        **{name: column(of) for name, of in _COLUMNS.items()},
        "age_band": case((band.is_not(None), sql_cast(oldest - 4, String) + "-" + sql_cast(oldest, String))),
    }


def touched(query: FactQuery, since: FactQuery) -> Select[Any]:
    """Return the customers whose record, or a record about them, has changed between two moments; in another year all
    of them, for their age."""
    customer, change = cast(Any, Customer).__table__, cast(Any, RecordChange).__table__
    record = or_(
        customer.c.created_at > since.known_at,
        customer.c.updated_at > since.known_at,
        year_of(query) != year_of(since),
        customer.c.id.in_(select(change.c.customer_id).where(change.c.recorded_at > since.known_at)),
    )
    return select(customer.c.id.label("customer_id")).where(record)


def year_of(query: FactQuery) -> Any:
    """Return the year of the query's day."""
    if query.dialect == "postgresql":
        return sql_cast(func.extract("year", query.day), Integer)
    return sql_cast(func.substr(query.day, 1, 4), Integer)


def _personal(name: str, title: str, doc: str, of: Any = str | None) -> Fact:
    return Fact(name=name, type=of, title=title, doc=doc, classified="personal")


PROFILE = FactSet(
    name="customer",
    doc=_("The customer's own record; as of an earlier moment it is as it was recorded then."),
    inline=_profile,
    touched=touched,
    columns=(
        Fact(
            name="kind",
            type=str,
            title=_("Kind"),
            doc=_("Whether it is a person or an organisation."),
            options=("person", "organization"),
            classified="public",
        ),
        Fact(
            name="standing",
            type=str,
            title=_("Standing"),
            doc=_("Whether it is a potential customer or has been converted to one."),
            options=("potential", "customer"),
            classified="public",
        ),
        _personal("name", _("Name"), _("What the customer is called.")),
        _personal("country", _("Country"), _("The country, by its code of two letters (ISO 3166).")),
        _personal("province", _("Province"), _("The province or state.")),
        _personal("city", _("City"), _("The city.")),
        Fact(name="industry", type=str | None, title=_("Industry"), doc=_("The industry of an organisation.")),
        Fact(name="size", type=int | None, title=_("Size"), doc=_("How many people an organisation employs.")),
        _personal("gender", _("Gender"), _("The gender of a person.")),
        _personal("occupation", _("Occupation"), _("The occupation of a person.")),
        _personal("language", _("Language"), _("The language in which the customer is spoken to.")),
        Fact(name="source", type=str | None, title=_("Source"), doc=_("How the customer came.")),
        _personal("birthday", _("Birthday"), _("Month and day of birth, as MM-DD.")),
        _personal("born_from", _("Born from"), _("First of the five years in which a person was born."), int | None),
        _personal("age_band", _("Age band"), _("The age that a person reaches this year, within five: 31-35.")),
        Fact(name="created_at", type=datetime, title=_("Created"), doc=_("When the customer was recorded.")),
        Fact(
            name="converted_at",
            type=datetime | None,
            title=_("Customer since"),
            doc=_("When a potential customer became one."),
        ),
    ),
)


def _care(query: FactQuery) -> Select[Any]:
    customer, user, team = (cast(Any, model).__table__ for model in (Customer, User, Team))
    source = customer.outerjoin(user, user.c.id == customer.c.owner_id).outerjoin(team, team.c.id == customer.c.team_id)
    wanted = (customer.c.id.label("customer_id"), user.c.login.label("owner"), team.c.name.label("team"))
    return select(*wanted).select_from(source).where(query.within(customer.c.id))


CARE = FactSet(
    name="customer",
    temporal=False,
    select=_care,
    columns=(
        Fact(name="owner", type=str | None, title=_("Owner"), doc=_("The login of the user who looks after it.")),
        Fact(name="team", type=str | None, title=_("Team"), doc=_("The team that looks after it.")),
    ),
)


def _words(kind: str, label: str) -> Any:
    def selecting(query: FactQuery) -> Select[Any]:
        table = cast(Any, CustomerTag).__table__
        where = and_(table.c.kind == kind, query.within(table.c.customer_id))
        if query.dialect == "postgresql":
            name = table.c.name.collate("C")
            array = func.jsonb_agg(aggregate_order_by(table.c.name, name), type_=json_type())
            return select(table.c.customer_id, array.label(label)).where(where).group_by(table.c.customer_id)
        # In an aggregate SQLite keeps no order; over a window it does.
        whole = {"partition_by": table.c.customer_id, "order_by": table.c.name, "rows": (None, None)}
        array = func.json_group_array(table.c.name, type_=json_type()).over(**whole)
        return select(table.c.customer_id, array.label(label)).where(where).distinct()

    return selecting


TAGS = FactSet(
    name="customer",
    temporal=False,
    select=_words("tag", "tags"),
    touched=touched,
    columns=(Fact(name="tags", type=list[str], default=(), title=_("Tags"), doc=_("The customer's tags.")),),
)
INTERESTS = FactSet(
    name="customer",
    temporal=False,
    select=_words("interest", "interests"),
    touched=touched,
    columns=(
        Fact(
            name="interests",
            type=list[str],
            default=(),
            title=_("Interests"),
            doc=_("What the customer is interested in."),
        ),
    ),
)

_POINTS = ("email", "phone", "address", "social", "web")


def _contacts(query: FactQuery) -> Select[Any]:
    table = cast(Any, ContactPoint).__table__
    found = [func.count().label("points")]
    for kind in _POINTS:
        number = func.count(case((table.c.kind == kind, literal(1))))
        found += [number.label(f"{kind}_count"), (number > 0).label(f"has_{kind}")]
    return select(table.c.customer_id, *found).where(query.within(table.c.customer_id)).group_by(table.c.customer_id)


def _points_touched(query: FactQuery, since: FactQuery) -> Select[Any]:
    table, customer = cast(Any, ContactPoint).__table__, cast(Any, Customer).__table__
    changed = select(table.c.customer_id).where(table.c.updated_at > since.known_at)
    return select(customer.c.id).where(or_(customer.c.id.in_(changed), customer.c.id.in_(touched(query, since))))


_CONTACT_DOCS: Mapping[str, tuple[str, str]] = {
    "email": (_("Has an e-mail address"), _("E-mail addresses")),
    "phone": (_("Has a telephone number"), _("Telephone numbers")),
    "address": (_("Has a postal address"), _("Postal addresses")),
    "social": (_("Has a social account"), _("Social accounts")),
    "web": (_("Has a web site"), _("Web sites")),
}

CONTACT = FactSet(
    name="contact",
    doc=_("By what a customer can be reached."),
    temporal=False,
    select=_contacts,
    touched=_points_touched,
    columns=(
        Fact(
            name="points", type=int, default=0, title=_("Contact points"), doc=_("How many ways of contact there are.")
        ),
        *(Fact(name=f"has_{kind}", type=bool, default=False, doc=_CONTACT_DOCS[kind][0]) for kind in _POINTS),
        *(Fact(name=f"{kind}_count", type=int, default=0, doc=_CONTACT_DOCS[kind][1]) for kind in _POINTS),
    ),
)


# --- consent ---------------------------------------------------------------------------------------------------------


def _consents(query: FactQuery) -> Select[Any]:
    """Return per key what the last entry says, of the channel's own entries and those for every channel."""
    table = cast(Any, Consent).__table__
    purposes = {key.partition("/")[0] for key in query.keys}
    known = [query.within(table.c.customer_id), table.c.occurred_at <= query.as_of, table.c.purpose.in_(purposes)]
    if not query.present:
        known.append(table.c.recorded_at <= query.known_at)
    every = select(table.c.customer_id).where(*known).distinct().subquery("consented")
    source: Any = every
    found: list[Any] = []
    for number, key in enumerate(query.keys):
        purpose, _slash, channel = key.partition("/")
        newest = (table.c.occurred_at.desc(), table.c.recorded_at.desc(), table.c.id.desc())
        place = func.row_number().over(partition_by=table.c.customer_id, order_by=newest)
        ranked = (
            select(table.c.customer_id, table.c.granted, table.c.occurred_at, table.c.expires_at, place.label("place"))
            .where(*known, table.c.purpose == purpose, table.c.channel.in_((channel or EVERY, EVERY)))
            .subquery(f"consent_{number}")
        )
        source = source.outerjoin(ranked, and_(ranked.c.customer_id == every.c.customer_id, ranked.c.place == 1))
        holds = or_(ranked.c.expires_at.is_(None), ranked.c.expires_at > query.as_of)
        found.append(case((and_(ranked.c.granted, holds), true()), else_=false()).label(f"granted:{number}"))
        found.append(ranked.c.occurred_at.label(f"since:{number}"))
    return select(every.c.customer_id, *found).select_from(source)


def _consent_touched(query: FactQuery, since: FactQuery) -> Select[Any]:
    table = cast(Any, Consent).__table__
    reasons = [
        table.c.recorded_at > since.known_at,
        between(table.c.occurred_at, since.as_of, query.as_of),
        between(table.c.expires_at, since.as_of, query.as_of),
    ]
    return select(table.c.customer_id).where(or_(*reasons)).distinct()


def _consent_keys(session: CrmSession) -> Sequence[str]:
    table = cast(Any, Consent).__table__
    with region(session, "which purposes and channels there are"):
        rows = session.connection().execute(select(table.c.purpose, table.c.channel).distinct()).all()
    return sorted(row.purpose if row.channel == EVERY else f"{row.purpose}/{row.channel}" for row in rows)


CONSENT = FactSet(
    name="consent",
    title=_("Consent"),
    doc=_("What a customer has allowed."),
    keyed=_("purpose, or purpose/channel"),
    keys=_consent_keys,
    select=_consents,
    touched=_consent_touched,
    columns=(
        Fact(
            name="granted",
            type=bool,
            default=False,
            title=_("Allowed"),
            doc=_("Whether a purpose is allowed by a channel; what nothing is known of is not."),
        ),
        Fact(name="since", type=datetime | None, title=_("Since"), doc=_("When that was last said.")),
    ),
)

SETS: tuple[FactSet, ...] = (PROFILE, CARE, TAGS, INTERESTS, CONTACT, CONSENT)
