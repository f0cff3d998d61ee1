"""Subject access: everything that is kept about a person, for the person, as JSON and to read.

Must not know doors; a caller writes the answer where it belongs.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import select

from crmkit.core.customers.models import Customer
from crmkit.core.operations.operation import operation
from crmkit.core.store.guard import region
from crmkit.core.store.model import field_info
from crmkit.core.store.session import CrmSession
from crmkit.core.store.types import dumps
from crmkit.i18n import normalise_language, texts, translate
from crmkit.security.privacy.rows import Held, personal_data, read

_ = texts("crmkit")

_WORDS = {
    "title": _("What {business} keeps about you"),
    "made": _("Made at (UTC)"),
    "number": _("Your number here"),
    "purpose": _("Purpose"),
    "kept": _("Kept for (days)"),
    "accesses": _("Who worked with it"),
    "when": _("When"),
    "who": _("Who"),
    "what": _("What"),
}
_TECHNICAL = frozenset({"version", "name_key", "sort_name", "position", "storage_key", "match_key"})


@frozen(kw_only=True)
class Section:
    """One part of the answer: from which table, what for, how long it is kept, and its rows by field."""

    title: str
    source: str
    purpose: str
    kept: str = ""
    rows: tuple[Mapping[str, Any], ...] = field(converter=tuple, repr=False)


@frozen(kw_only=True)
class PersonExport:
    """What is kept about a person. ``accesses`` says who saw, revealed or exported it, and when (UTC)."""

    subject_id: UUID
    made_at: datetime
    business: str
    sections: tuple[Section, ...] = field(converter=tuple, repr=False)
    accesses: tuple[Mapping[str, Any], ...] = field(converter=tuple, repr=False)

    def as_json(self) -> str:
        """Return the answer in a form that other systems read."""
        return dumps(
            {
                "subject_id": str(self.subject_id),
                "made_at": self.made_at.isoformat(),
                "controller": self.business,
                "sections": [
                    {
                        "title": section.title,
                        "source": section.source,
                        "purpose": section.purpose,
                        "kept": section.kept,
                        "rows": [{name: plain(value) for name, value in row.items()} for row in section.rows],
                    }
                    for section in self.sections
                ],
                "accesses": [{name: plain(value) for name, value in row.items()} for row in self.accesses],
            }
        )

    def as_html(self, language: str = "en") -> str:
        """Return the answer as one page to read and print, in a language."""
        from jinja2 import Environment, PackageLoader

        environment = Environment(loader=PackageLoader("crmkit.security.privacy"), autoescape=True)

        def say(text: str, **values: object) -> str:
            return translate(text, language, **values)

        words = {name: say(text, business=self.business) for name, text in _WORDS.items()}
        return environment.get_template("person.html").render(
            person=self, say=say, words=words, language=normalise_language(language).replace("_", "-"), plain=readable
        )


@operation("privacy.export", title=_("Export what is kept about a person"), permission="privacy.admin")
def export_person(session: CrmSession, customer: Customer) -> PersonExport:
    """Return everything that is kept about a customer, in the kernel and in every plugin, loaded or not, with who has
    seen it. What a plugin adds comes from its ``crmkit_export_customer``; if one fails, nothing is exported."""
    with region(session, "telling a person what is kept about them"):
        sections = [_section(session, held, customer.id) for held in personal_data(session)]
        for answer in session.gate.dispatcher.collect(
            "crmkit_export_customer", session=session, customer_id=customer.id
        ):
            if answer.error is not None:
                raise answer.error
            sections.extend(
                Section(title=part.title, source=answer.plugin, purpose="", rows=part.rows)
                for part in answer.value or ()
            )
        accesses = _accesses(session, customer.id)
    return PersonExport(
        subject_id=customer.id,
        made_at=session.gate.clock.now(),
        business=session.crm.config.get(session).name,
        sections=[section for section in sections if section.rows],
        accesses=accesses,
    )


def _section(session: CrmSession, held: Held, person: UUID) -> Section:
    model = session.gate.registry.models.get(held.table)
    names: dict[str, str] = {}
    if model is not None:
        names = {column.name: str(field_info(column).title) for column in model.__table__.c}
    rows: list[dict[str, Any]] = []
    for row in read(session, held, person):
        shown = {names.get(name) or name: value for name, value in row.items() if _tells(name, value)}
        rows.append(shown)
    kept = f"{held.retention_days}" if held.retention_days is not None else ""
    return Section(title=_title(session, held), source=held.table, purpose=held.purpose, kept=kept, rows=rows)


def _title(session: CrmSession, held: Held) -> str:
    for resource in session.gate.registry.resources.values():
        if resource.model.__tablename__ == held.table:
            return resource.plural
    return held.purpose


def _tells(name: str, value: Any) -> bool:
    return value not in (None, "", {}, []) and name not in _TECHNICAL


def _accesses(session: CrmSession, person: UUID) -> list[dict[str, Any]]:
    """Return who saw, revealed or exported something of a person, by the audit log."""
    from crmkit.core.operations.tables import AuditRecord, AuditSubject

    log: Any = AuditRecord.__table__
    subjects: Any = AuditSubject.__table__
    query = (
        select(log.c.recorded_at, log.c.actor_id, log.c.operation, log.c.outcome)
        .join(subjects, subjects.c.audit_id == log.c.id)
        .where(subjects.c.customer_id == person)
        .order_by(log.c.recorded_at)
    )
    return [dict(row) for row in session.connection().execute(query).mappings()]


def plain(value: Any) -> Any:
    """Return a value of a row in its JSON form."""
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (UUID, Decimal)):
        return str(value)
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return str(value) if isinstance(value, str) else value


def readable(value: Any) -> str:
    """Return a value of a row for a person to read."""
    if isinstance(value, dict):
        return "; ".join(f"{name}: {readable(item)}" for name, item in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(readable(item) for item in value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return str(plain(value))


OPERATIONS = [export_person]
