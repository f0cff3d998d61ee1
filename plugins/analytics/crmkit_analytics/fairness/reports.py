"""Which decision rules go by protected attributes, directly or by what stands in for them; told by doctor, too."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Annotated, Any, Literal

from attrs import frozen

from crmkit import (
    Check,
    Column,
    CrmSession,
    Finding,
    Input,
    Moment,
    Note,
    NotFound,
    Report,
    Table,
    catalogue_of,
    frame,
    texts,
)
from crmkit_analytics.fairness.association import classes_of, cramers_v
from crmkit_analytics.fairness.deciding import all_deciders, facts_of
from crmkit_analytics.settings import settings_of
from crmkit_analytics.stream.words import KEY

_ = texts("crmkit_analytics")

CLOSE = 0.3
"""From here on a fact stands in for a protected attribute."""
FEWEST = 100
"""Of fewer customers nothing is said."""
MOST = 50_000


@frozen(kw_only=True)
class FairnessParameters:
    """Which definition is looked at."""

    sort: Annotated[
        Literal["rule", "dimension", "segment"],
        Input(
            title=_("Sort"),
            choices={"rule": _("Rule"), "dimension": _("Dimension"), "segment": _("Segment")},
            classified="internal",
        ),
    ]
    name: Annotated[str, Input(title=_("Name"), max_length=120, classified="internal")]


def protected_facts(session: CrmSession) -> list[str]:
    """Return the protected facts that there are."""
    known = set(catalogue_of(session).names())
    return [each for each in settings_of(session.crm.settings).protected if each in known]


def fairness_rows(session: CrmSession, parameters: FairnessParameters, moment: Moment) -> Table:
    """Return each fact that a definition decides by, and how closely it goes with each protected attribute."""
    try:
        used = sorted(facts_of(session, parameters.sort, parameters.name))
    except NotFound as error:
        return Table(rows=[], notes=[Note(text=error.message, values=error.values)])
    protected = protected_facts(session)
    plain = [each for each in used if not catalogue_of(session).known(each).set.keyed]
    if not used or not protected:
        return Table(rows=[], notes=[Note(text=_("It goes by no facts, or no fact is protected."))])
    wanted = list(dict.fromkeys([*plain, *protected]))
    table = list(zip(*islice(frame(session, wanted, moment=moment).rows(), MOST), strict=True))[1:]
    columns = dict(zip(wanted, (classes_of(values) for values in table), strict=False))
    n = len(table[0]) if table else 0
    rows: list[dict[str, Any]] = []
    for fact in used:
        for attribute in protected:
            direct = fact == attribute
            value = (
                None if direct or n < FEWEST or fact not in columns else cramers_v(columns[fact], columns[attribute])
            )
            judged = _("directly") if direct else _("stands in for it") if value is not None and value >= CLOSE else "–"
            rows.append(
                {
                    "key": f"{fact}:{attribute}",
                    "fact": fact,
                    "protected": attribute,
                    "v": None if value is None else round(value, 3),
                    "judged": judged,
                }
            )
    rows.sort(key=lambda row: (row["fact"] != row["protected"], -(row["v"] or 0.0), row["key"]))
    notes = [Note(text=_("Fewer than {fewest} customers: only direct use is told."), values={"fewest": FEWEST})]
    return Table(rows=rows, notes=notes if n < FEWEST else [])


def find_unfair(session: CrmSession) -> Sequence[Finding]:
    """Return a finding for each rule, dimension or segment that goes by a protected attribute."""
    protected = set(protected_facts(session))
    return [
        Finding(
            level="warning",
            code="ANA201",
            message=_("{sort} {name} decides by what is protected: {facts}."),
            hint=_("Look whether it may: crmkit report run analytics.fairness -p sort={sort} -p name={name}"),
            values={"sort": sort, "name": name, "facts": ", ".join(sorted(facts & protected))},
        )
        for (sort, name), facts in all_deciders(session).items()
        if facts & protected
    ]


CHECKS = [Check(name="analytics.fairness", title=_("Protected attributes in decisions"), run=find_unfair)]
REPORTS = [
    Report(
        name="analytics.fairness",
        title=_("Protected attributes in a decision"),
        doc=_("By which facts a rule, dimension or segment decides, and how closely each goes with what is protected."),
        rows=fairness_rows,
        parameters=FairnessParameters,
        columns=[
            KEY,
            Column(name="fact", title=_("Decides by")),
            Column(name="protected", title=_("Protected")),
            Column(
                name="v",
                title=_("Goes together"),
                kind="number",
                doc=_("Cramér's V: 0 not at all, 1 entirely; from 0.3 on it stands in for the attribute."),
            ),
            Column(name="judged", title=_("Judged")),
        ],
        permission="analytics.report.read",
        aggregates=True,
    )
]
