"""How a dimension is decided in SQL: its expressions compiled, the columns that are computed once for each customer,
and the label that follows from them and from what was found about the whole.

Must not know where the columns are kept, nor write anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import field, frozen
from sqlalchemy import Float, Integer, String, and_, case, cast, func, literal, null, or_, select

from crmkit.engines.classification.clusters import cluster
from crmkit.engines.expressions.types import BOOLEAN, TEXT
from crmkit.hooks.classification import ByClusters, ByCutPoints, ByExpressions, ByPin, ByQuantiles, ByValue, Dimension

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, FromClause

    from crmkit.engines.expressions.compiling import Expression
    from crmkit.engines.expressions.surroundings import Surroundings
    from crmkit.engines.expressions.symbols import FactRef

Columns = Mapping["FactRef", "ColumnElement[Any]"]
Check = Callable[[str, Any, str], "Expression"]
"""``check(text, expected type, field)``: the expression of a text, or an error that names the field."""
Found = dict[str, Any]
"""What a decider found out about the whole, in JSON."""


@frozen(kw_only=True, eq=False)
class Plan:
    """A dimension, compiled. ``parts`` are the expressions whose values are computed for each customer, by the ends of
    their columns' names."""

    place: int
    """Its number in the run: its columns are called after it."""
    dimension: Dimension
    among: Expression
    parts: Mapping[str, Expression] = field(factory=dict)

    @property
    def expressions(self) -> Sequence[Expression]:
        """Return everything that is evaluated."""
        return (self.among, *self.parts.values())

    @property
    def refs(self) -> frozenset[FactRef]:
        """Return the facts that are read."""
        return frozenset(ref for each in self.expressions for ref in each.facts)

    @property
    def needs_all(self) -> bool:
        """Say whether one customer's label depends on all others'."""
        return isinstance(self.dimension.decider, (ByQuantiles, ByClusters))

    def name(self, end: str) -> str:
        """Return what a column is called."""
        return f"d{self.place}_{end}"

    # --- for each customer --------------------------------------------------------------------------------------

    def columns(self, facts: Columns, at: Surroundings) -> list[Any]:
        """Return what is computed for each customer: whether it is among those who are classified, and either the
        label or what it follows from."""
        among = self.among.sql(facts, at)
        found = [case((among, literal(1)), else_=literal(0)).label(self.name("among"))]
        values = {end: each.sql(facts, at) for end, each in self.parts.items()}
        match self.dimension.decider:
            case ByExpressions():
                labels = [(when, literal(end.removeprefix("when:"), String)) for end, when in values.items()]
                found.append((case(*labels) if labels else cast(null(), String)).label(self.name("label")))
            case ByValue():
                found.append(cast(values["value"], String).label(self.name("label")))
            case ByCutPoints():
                for end in ("at", "up", "down"):
                    reached = [case((each, 1), else_=0) for name, each in values.items() if name.startswith(f"{end}:")]
                    if reached:
                        # Without a score no comparison holds, nor does its negation.
                        index = case((values["score"].is_not(None), sum(reached[1:], reached[0])))
                        found.append(cast(index, Integer).label(self.name(end)))
            case ByQuantiles() | ByClusters():
                found.extend(cast(case((among, value)), Float).label(self.name(end)) for end, value in values.items())
            case ByPin():
                pass
        return found

    # --- over all of them ---------------------------------------------------------------------------------------

    def settle(self, connection: Connection, computed: FromClause, before: Found) -> Found:
        """Return what the decider finds out about the whole, from the computed columns and what it had found before."""
        decider = self.dimension.decider
        if isinstance(decider, ByQuantiles):
            return {"boundaries": self._boundaries(connection, computed, decider)}
        if isinstance(decider, ByClusters):
            return self._clusters(connection, computed, decider, before)
        return {}

    def _boundaries(self, connection: Connection, computed: FromClause, decider: ByQuantiles) -> list[float]:
        score = computed.c[self.name("score")]
        count = connection.execute(select(func.count(score))).scalar_one()
        if not count:
            return []
        places = [min(count, int(count * float(share)) + 1) for share in decider.shares]
        ordered = select(score.label("score"), func.row_number().over(order_by=score).label("place"))
        ranked = ordered.where(score.is_not(None)).subquery("ranked")
        rows = connection.execute(select(ranked.c.place, ranked.c.score).where(ranked.c.place.in_(set(places))))
        found = {row.place: float(row.score) for row in rows}
        return [found[place] for place in places]

    def _clusters(self, connection: Connection, computed: FromClause, decider: ByClusters, before: Found) -> Found:
        scores = [computed.c[self.name(f"score{number}")] for number in range(len(decider.scores))]
        whole = and_(*(score.is_not(None) for score in scores))
        rows = connection.execute(select(*scores).where(whole).order_by(computed.c.customer_id)).all()
        points = [tuple(row) for row in rows]
        found = cluster(points, len(self.dimension.labels), seed=decider.seed, before=before.get("centres"))
        if found is None:
            return {}
        return {
            "centres": [list(centre) for centre in found.centres],
            "spreads": list(found.spreads),
            "sizes": list(found.sizes),
            "separation": found.separation,
        }

    # --- the label ----------------------------------------------------------------------------------------------

    def label(
        self, computed: FromClause, current: ColumnElement[str | None], found: Found
    ) -> ColumnElement[str | None]:
        """Return the label that the decider gives, null for none; ``current`` is the one that the customer has, which
        margins hold on to."""
        decider, names = self.dimension.decider, [label.name for label in self.dimension.labels]
        own: ColumnElement[str | None] = cast(null(), String)
        if isinstance(decider, (ByExpressions, ByValue)):
            own = computed.c[self.name("label")]
        elif isinstance(decider, ByCutPoints):
            at, up, down = (computed.c.get(self.name(end)) for end in ("at", "up", "down"))
            own = self._between(at, up, down, current)
        elif isinstance(decider, ByQuantiles) and found.get("boundaries"):
            own = self._by_boundaries(computed, current, found["boundaries"])
        elif isinstance(decider, ByClusters) and found.get("centres"):
            own = self._nearest(computed, names, found)
        if self.dimension.default is not None:
            own = func.coalesce(own, self.dimension.default)
        return case((computed.c[self.name("among")] == 1, own))

    def _by_boundaries(self, computed: FromClause, current: Any, boundaries: Sequence[float]) -> ColumnElement[Any]:
        def index(end: str) -> Any:
            column = computed.c.get(self.name(end))
            if column is None:
                return None
            reached = [case((column >= literal(each, Float), 1), else_=0) for each in boundaries]
            return case((column.is_not(None), sum(reached[1:], reached[0])))

        return self._between(index("score"), index("up"), index("down"), current)

    def _between(self, at: Any, up: Any, down: Any, current: Any) -> ColumnElement[Any]:
        """Return the label of an index; where there is a margin, the nearest to the present label that the index can
        have with the score less or more by the margin."""
        names = [label.name for label in self.dimension.labels]
        index = at
        if up is not None:
            had = case({name: place for place, name in enumerate(names)}, value=current)
            index = case((had.is_(None), at), (had < up, up), (had > down, down), else_=had)
        return case(dict(enumerate(names)), value=index)

    def _nearest(self, computed: FromClause, names: Sequence[str], found: Found) -> ColumnElement[Any]:
        spreads, centres = found["spreads"], found["centres"]
        scores = [computed.c[self.name(f"score{number}")] for number in range(len(spreads))]
        distances: list[Any] = []
        for centre in centres:
            apart = [(score - middle) / spread for score, middle, spread in zip(scores, centre, spreads, strict=True)]
            squares = [part * part for part in apart]
            distances.append(sum(squares[1:], squares[0]))
        nearest = [
            (and_(*(distance <= other for other in distances if other is not distance)), literal(name, String))
            for name, distance in zip(names, distances, strict=True)
        ]
        return case((or_(*(score.is_(None) for score in scores)), null()), *nearest)


def plan(place: int, dimension: Dimension, check: Check) -> Plan:
    """Compile a dimension. Raises what ``check`` does, and nothing else: what is wrong beside the expressions was
    said when the dimension was saved."""
    among = check(dimension.among, BOOLEAN, "among")
    return Plan(place=place, dimension=dimension, among=among, parts=dict(_parts(dimension, check)))


def _parts(dimension: Dimension, check: Check) -> Iterable[tuple[str, Expression]]:
    decider = dimension.decider
    match decider:
        case ByExpressions():
            for number, label in enumerate(dimension.labels):
                if label.when is not None:
                    yield f"when:{label.name}", check(label.when, BOOLEAN, f"labels.{number}.when")
        case ByValue():
            yield "value", check(decider.value, TEXT, "decider.value")
        case ByCutPoints():
            yield "score", check(decider.score, None, "decider.score")
            margin = None if decider.margin.strip() == "0" else decider.margin
            for number, point in enumerate(decider.points):
                where = f"decider.points.{number}"
                yield f"at:{number}", check(f"({decider.score}) >= ({point})", BOOLEAN, where)
                if margin is not None:
                    yield f"up:{number}", check(f"({decider.score}) - ({margin}) >= ({point})", BOOLEAN, where)
                    yield f"down:{number}", check(f"({decider.score}) + ({margin}) >= ({point})", BOOLEAN, where)
        case ByQuantiles():
            yield "score", check(decider.score, None, "decider.score")
            if decider.margin.strip() != "0":
                yield "up", check(f"({decider.score}) - ({decider.margin})", None, "decider.margin")
                yield "down", check(f"({decider.score}) + ({decider.margin})", None, "decider.margin")
        case ByClusters():
            for number, score in enumerate(decider.scores):
                yield f"score{number}", check(score, None, f"decider.scores.{number}")
        case ByPin():
            return
