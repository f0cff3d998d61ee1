"""What becomes of two records of one customer by the rules: which survives, and whose value each field has.

Changes nothing. Used by the review of duplicates, and by the operation that merges by rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import func, select

from crmkit import (
    CrmSession,
    FieldChoice,
    FieldComparison,
    Interaction,
    NotFound,
    RecordOrigins,
    origins_of,
    plan_merge,
    texts,
)
from crmkit_quality.survivorship.deciding import Candidate, Decision, Side, Standing, decide, first_survives
from crmkit_quality.survivorship.fields import TOGETHER, UNRULED, lead_of
from crmkit_quality.survivorship.trust import TrustBook, read_trust
from crmkit_quality.survivorship.words import Because

_ = texts("crmkit_quality")


@frozen(kw_only=True)
class ProposedField:
    """What a field is to be: whose value it takes, None where a person has to decide (``open``), by which rule (empty
    where there was nothing to decide) and why. Sources and their trust are those of the two values, None where there is
    no value."""

    field: str
    title: str
    take: Side | None
    rule: str = ""
    because: Because
    survivor_source: str | None = None
    absorbed_source: str | None = None
    survivor_trust: int | None = None
    absorbed_trust: int | None = None

    @property
    def open(self) -> bool:
        """Say whether a person has to decide."""
        return self.take is None

    @property
    def choice(self) -> FieldChoice | None:
        """Return the choice that a merge is given; None where it needs none, or a person has to decide."""
        return FieldChoice(field=self.field, take=self.take) if self.rule and self.take is not None else None


@frozen(kw_only=True)
class Proposal:
    """How two records would be merged by the rules. ``because`` says why the one survives."""

    survivor_id: UUID
    absorbed_id: UUID
    because: Because
    fields: tuple[ProposedField, ...] = field(converter=tuple)

    @property
    def choices(self) -> tuple[FieldChoice, ...]:
        """Return the choices that the rules make."""
        return tuple(choice for one in self.fields if (choice := one.choice) is not None)

    @property
    def open(self) -> tuple[ProposedField, ...]:
        """Return the fields that a person has to decide about."""
        return tuple(one for one in self.fields if one.open)

    def of(self, name: str) -> ProposedField | None:
        """Return what is proposed for a field; None for one that neither has."""
        return next((one for one in self.fields if one.field == name), None)


def propose(session: CrmSession, first_id: UUID, second_id: UUID, *, survivor_id: UUID | None = None) -> Proposal:
    """Return how two records of one customer would be merged by the rules. With ``survivor_id`` it is said which of
    them survives. Raises NotFound for one that the session may not see."""
    book = read_trust(session)
    origins = origins_of(session, [first_id, second_id])
    for one in (first_id, second_id):
        if one not in origins:
            raise NotFound(_("There is no customer {id}."), id=one)
    if survivor_id is not None:
        ahead, because = survivor_id != second_id, Because(text=_("Somebody said that this record survives."))
    else:
        standings = _standings(session, origins, book)
        ahead, because = first_survives(book.record_rule().strategy, standings[first_id], standings[second_id])
    survivor, absorbed = (first_id, second_id) if ahead else (second_id, first_id)
    plan = plan_merge(session, survivor, absorbed)
    found = _Deciding(book, origins[survivor], origins[absorbed]).decide(plan.fields)
    return Proposal(survivor_id=survivor, absorbed_id=absorbed, because=because, fields=found)


def _standings(session: CrmSession, origins: Mapping[UUID, RecordOrigins], book: TrustBook) -> Mapping[UUID, Standing]:
    query = (
        select(Interaction.customer_id, func.count())
        .where(Interaction.customer_id.in_(list(origins)))
        .group_by(Interaction.customer_id)
    )
    happened = dict(session.execute(query).all())
    return {
        id_: Standing(
            history=happened.get(id_, 0) + one.changes,
            created_at=one.created_at,
            filled=len(one.fields),
            trust=sum(book.trust(each.source) for each in one.fields) / max(len(one.fields), 1),
        )
        for id_, one in origins.items()
    }


class _Deciding:
    """Decides field by field."""

    def __init__(self, book: TrustBook, survivor: RecordOrigins, absorbed: RecordOrigins) -> None:
        self._book = book
        self._survivor, self._absorbed = survivor, absorbed

    def decide(self, comparisons: tuple[FieldComparison, ...]) -> list[ProposedField]:
        """Return what each field is to be; fields that belong together are taken from one record."""
        by_name = {one.field: one for one in comparisons}
        decided: dict[str, Decision] = {}
        for one in comparisons:
            lead = lead_of(one.field)
            if one.differs and lead not in decided and (lead not in UNRULED or lead in self._book.rules):
                shown = by_name.get(lead)
                decided[lead] = self._decide(lead, shown if shown is not None and shown.differs else one)
        return [self._proposed(one, decided.get(lead_of(one.field))) for one in comparisons]

    def _decide(self, lead: str, one: FieldComparison) -> Decision:
        sides = [self._candidate(each, one.field) for each in (self._survivor, self._absorbed)]
        return decide(self._book.rule(lead), sides[0], sides[1], self._book)

    def _candidate(self, record: RecordOrigins, name: str) -> Candidate:
        origin = record.of(name)
        if origin is None:
            return Candidate(size=0, since=record.created_at, filled=len(record.fields))
        return Candidate(size=origin.size, since=origin.since, source=origin.source, filled=len(record.fields))

    def _proposed(self, one: FieldComparison, decision: Decision | None) -> ProposedField:
        own, theirs = self._survivor.of(one.field), self._absorbed.of(one.field)
        sources = {
            "survivor_source": None if own is None else self._book.title(own.source),
            "absorbed_source": None if theirs is None else self._book.title(theirs.source),
            "survivor_trust": None if own is None else self._book.trust(own.source),
            "absorbed_trust": None if theirs is None else self._book.trust(theirs.source),
        }
        if decision is not None and (one.differs or one.field in TOGETHER.get(lead_of(one.field), ())):
            return ProposedField(
                field=one.field,
                title=one.title,
                take=decision.take,
                rule=decision.strategy,
                because=decision.because,
                **sources,
            )
        if own is not None and theirs is not None:
            text = _("No rule is about this field.") if one.differs else _("Both have the same.")
        else:
            text = _("Only this record has a value.")
        take: Side = "absorbed" if one.taken == "absorbed" else "survivor"
        return ProposedField(field=one.field, title=one.title, take=take, because=Because(text=text), **sources)
