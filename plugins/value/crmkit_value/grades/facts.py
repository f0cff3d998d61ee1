"""The grade of each customer, as a fact.

Must not use mapped classes in a select: facts are not the reader's.
"""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Select, select

from crmkit import Fact, FactQuery, FactSet, texts
from crmkit_value.grades.grading import GRADES
from crmkit_value.grades.models import Grade
from crmkit_value.scoring.facts import counting

_ = texts("crmkit_value")

_TABLE = cast(Any, Grade).__table__


def select_grades(query: FactQuery) -> Select[Any]:
    """Return a select with one row for each customer who was graded last at the two times."""
    table = _TABLE
    return select(table.c.customer_id, table.c.grade).where(
        table.c.scoring_id == counting("grade", query), query.within(table.c.customer_id)
    )


FACTS = [
    FactSet(
        name="value",
        select=select_grades,
        doc=_("The grade of the customer, as it was graded last"),
        columns=[
            Fact(
                name="grade",
                type=str | None,
                title=_("Grade"),
                options=GRADES,
                doc=_("A, B or C by the measure of the policy of value"),
            )
        ],
    )
]
