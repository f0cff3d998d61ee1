"""The report on Kano's categories: what customers need by how they would feel with it and without it."""

from __future__ import annotations

from attrs import frozen
from sqlalchemy import select

from crmkit import Chart, Column, CrmSession, Note, Report, Table, texts
from crmkit_needs.catalogue.models import Need
from crmkit_needs.catalogue.words import OPEN, STATES
from crmkit_needs.scoring.answers import pairs_of
from crmkit_needs.scoring.asking import ANSWER
from crmkit_needs.scoring.kano import CATEGORIES, Kano, kano_of

_ = texts("crmkit_needs")


@frozen(kw_only=True)
class Asked:
    """A need of which customers said how they would feel with it and without it, and what follows from that."""

    need: Need
    kano: Kano


def asked(session: CrmSession, *, all_states: bool = False) -> list[Asked]:
    """Return the open needs, or those of whatever state, about which Kano's questions were answered: what hurts most if
    it is left out comes first."""
    query = select(Need).where(Need.merged_into_id.is_(None))
    needs = session.scalars(query if all_states else query.where(Need.state.in_(OPEN))).all()
    pairs = pairs_of(session, [each.id for each in needs])
    found = [Asked(need=each, kano=kano_of(pairs[each.id])) for each in needs if pairs.get(each.id)]
    return sorted(found, key=lambda each: (each.kano.worse or 0.0, -(each.kano.better or 0.0), each.need.number))


def kano_rows(session: CrmSession, parameters: object, moment: object) -> Table:
    """Return the open needs with their categories."""
    rows = [
        {
            "key": str(each.need.id),
            "need": f"{each.need.number} · {each.need.title}",
            "state": STATES[each.need.state],
            "category": CATEGORIES[each.kano.category] if each.kano.category else None,
            "clear": _("Clear") if each.kano.clear else _("Not told apart from the next one"),
            "n": each.kano.n,
            "told": told_of(each.kano),
            "pleases": each.kano.counts["attractive"] + each.kano.counts["one_dimensional"],
            "misses": each.kano.counts["must_be"] + each.kano.counts["one_dimensional"],
            "better": None,
            "worse": None,
            **each.kano.counts,
        }
        for each in asked(session)
    ]
    notes = [
        Note(
            text=_(
                "Better is the share that it would please to have it, worse the share that would miss it, of the"
                " answers that are neither reverse nor questionable; worse is usually printed with a minus."
            )
        )
    ]
    if ANSWER not in session.gate.registry.resources:
        notes.append(Note(text=_("Without the plugin feedback only answers count that were written down by hand.")))
    return Table(rows=rows, notes=notes)


def told_of(kano: Kano) -> int:
    """Return how many answers the coefficients are shares of: those that are neither reverse nor questionable."""
    return kano.n - kano.counts["reverse"] - kano.counts["questionable"]


REPORTS = [
    Report(
        name="needs.kano",
        title=_("Kano's categories of needs"),
        rows=kano_rows,
        permission="needs.evidence.read",
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="need", title=_("Need")),
            Column(name="state", title=_("State")),
            Column(name="category", title=_("Category")),
            Column(name="clear", title=_("How clear"), doc=_("Whether it leads the next one by more than 6%.")),
            Column(name="n", title=_("Answers"), kind="integer", doc=_("Each customer's last pair of answers.")),
            Column(name="told", title=_("Answers that tell"), kind="integer", hidden=True),
            Column(name="pleases", title=_("Pleased"), kind="integer", hidden=True),
            Column(name="misses", title=_("Would miss it"), kind="integer", hidden=True),
            Column(
                name="better",
                title=_("Better"),
                kind="rate",
                successes="pleases",
                trials="told",
                doc=_("(attractive + one-dimensional) ÷ (these + must-be + indifferent): Berger et al. 1993."),
            ),
            Column(
                name="worse",
                title=_("Worse (with a minus)"),
                kind="rate",
                successes="misses",
                trials="told",
                doc=_("(one-dimensional + must-be) ÷ (these + attractive + indifferent)."),
            ),
            *(Column(name=name, title=title, kind="integer") for name, title in CATEGORIES.items()),
        ],
        charts=[Chart.intervals("need", "better", "worse"), Chart.stack("need", *CATEGORIES)],
        aggregates=True,
        counts="n",
        temporal=False,
        doc=_("How customers would feel with a need and without it, from pairs of questions."),
    )
]
