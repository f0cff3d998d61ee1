"""The absorbing Markov chain of stages: probability and expected time to each end, from each stage, with intervals.

With Q the probabilities between stages on the way and R those to the ends, N = (I - Q)^-1 counts the expected visits,
B = N R has the probabilities of the ends (Kemeny & Snell (1960), Finite Markov Chains, theorems 3.2.4 and 3.3.7), and
N t the expected time, t the mean time of a visit. The time on condition of an end is that of the chain conditioned on
it: N_ij b_j / b_i takes the place of N_ij. Pure functions; must not know sessions.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from crmkit import texts
from crmkit_lifecycle.errors import TooFew
from crmkit_lifecycle.extras import library

_ = texts("crmkit_lifecycle")


@frozen(kw_only=True)
class Visit:
    """That somebody was in ``state`` for ``days``, and went on ``to`` another one or an end; None: is still there."""

    who: Any
    state: str
    days: float
    to: str | None


@frozen(kw_only=True)
class Range:
    """A figure with its interval, both ends None where it cannot be told."""

    value: float | None
    low: float | None = None
    high: float | None = None


@frozen(kw_only=True)
class FromState:
    """What is ahead of somebody in a state: the probability of each end, the expected days until any and until each on
    condition that it comes, the expected number of visits to each state. ``days`` is the mean time of one visit,
    ``observed`` how many visits there were, ``left`` how many of them are over."""

    state: str
    observed: int
    left: int
    days: Range
    chances: Mapping[str, Range]
    days_to: Mapping[str, Range]
    days_to_end: Range
    visits: Mapping[str, float]


@frozen(kw_only=True)
class Chain:
    """The chain of states, from how many customers; ``unknown`` are states from which nobody was seen to go on."""

    states: Sequence[str]
    ends: Sequence[str]
    customers: int
    moves: int
    confidence: float
    resamples: int
    seed: int
    transitions: Mapping[str, Mapping[str, float]]
    from_state: Mapping[str, FromState]
    unknown: Sequence[str]


def fundamental(q: Any) -> Any:
    """Return N = (I - Q)^-1 for a matrix of probabilities between transient states. Raises TooFew where some state is
    never left for an end."""
    np = library("numpy")
    matrix = np.asarray(q, dtype=float)
    try:
        found = np.linalg.inv(np.eye(len(matrix)) - matrix)
    except np.linalg.LinAlgError:
        raise TooFew(_("From some stage no end was ever reached.")) from None
    if not np.isfinite(found).all() or (found < -1e-9).any():
        raise TooFew(_("From some stage no end was ever reached."))
    return found


def absorption(q: Any, r: Any, days: Any) -> tuple[Any, Any, Any, Any]:
    """Return N, B, the expected days to any end, and the expected days to each end on condition that it comes (not a
    number where it never does)."""
    np = library("numpy")
    n = fundamental(q)
    b = n @ np.asarray(r, dtype=float)
    t = np.asarray(days, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        to_each = (n @ (t[:, None] * b)) / b
    return n, b, n @ t, np.where(b > 1e-12, to_each, np.nan)


def estimate(
    visits: Sequence[Visit],
    states: Sequence[str],
    ends: Sequence[str],
    *,
    confidence: float = 0.95,
    resamples: int = 400,
    seed: int = 0,
) -> Chain:
    """Estimate the chain from visits, with intervals by resampling customers (percentile bootstrap).

    Visits that are not over count in the time of a state and not among its moves: days of a visit are all days in the
    state divided by the moves out of it, the estimate of maximum likelihood under a constant rate. Raises TooFew
    without any move to an end, MissingExtra without numpy.
    """
    np = library("numpy")
    who = list(dict.fromkeys(each.who for each in visits))
    left = Counter(each.state for each in visits if each.to is not None)
    usable = _usable(visits, states, ends)
    unknown = [each for each in states if each not in usable]
    if not usable:
        raise TooFew(_("Nobody has reached an end yet."))
    width, targets = len(usable), [*usable, *ends]
    place = {name: index for index, name in enumerate(usable)}
    target = {name: index for index, name in enumerate(targets)}
    row = {each: index for index, each in enumerate(who)}
    moves = np.zeros((len(who), width * len(targets)))
    time = np.zeros((len(who), width))
    for each in visits:
        if each.state not in place:
            continue
        time[row[each.who], place[each.state]] += each.days
        if each.to in target:
            moves[row[each.who], place[each.state] * len(targets) + target[each.to]] += 1

    def solve(weights: Any) -> tuple[Any, Any, Any, Any, Any, Any] | None:
        counts = (weights @ moves).reshape(width, len(targets))
        total = counts.sum(axis=1)
        if (total <= 0).any():
            return None
        p = counts / total[:, None]
        days = (weights @ time) / total
        try:
            n, b, to_end, to_each = absorption(p[:, :width], p[:, width:], days)
        except TooFew:
            return None
        return p, days, n, b, to_end, to_each

    found = solve(np.ones(len(who)))
    if found is None:
        raise TooFew(_("From some stage no end was ever reached."))
    p, days, n, b, to_end, to_each = found
    chance = np.random.default_rng(seed)
    drawn: dict[str, list[Any]] = defaultdict(list)
    for _turn in range(resamples):
        again = solve(chance.multinomial(len(who), np.full(len(who), 1 / len(who))).astype(float))
        if again is not None:
            for name, value in zip(("days", "b", "end", "each"), (again[1], again[3], again[4], again[5]), strict=True):
                drawn[name].append(value)
    tails = ((1 - confidence) / 2, (1 + confidence) / 2)

    def bounds(name: str) -> tuple[Any, Any] | None:
        # Where most samples hold no way to an end, an interval of the others would be too narrow.
        if len(drawn[name]) < max(20, resamples // 2):
            return None
        samples = np.array(drawn[name])
        # Where an end never comes there is no time until it, in no sample: its figure has no value either.
        samples[:, np.isnan(samples).all(axis=0)] = 0.0
        low, high = np.nanquantile(samples, tails, axis=0)
        return low, high

    limits = {name: bounds(name) for name in ("days", "b", "end", "each")}

    def ranged(name: str, value: Any, *at: int) -> Range:
        if not np.isfinite(value):
            return Range(value=None)
        limit = limits[name]
        if limit is None:
            return Range(value=float(value))
        return Range(value=float(value), low=float(limit[0][at]), high=float(limit[1][at]))

    seen = Counter(each.state for each in visits)
    rows = {
        name: FromState(
            state=name,
            observed=seen[name],
            left=left[name],
            days=ranged("days", days[i], i),
            chances={end: ranged("b", b[i, j], i, j) for j, end in enumerate(ends)},
            days_to={end: ranged("each", to_each[i, j], i, j) for j, end in enumerate(ends)},
            days_to_end=ranged("end", to_end[i], i),
            visits={other: float(n[i, k]) for k, other in enumerate(usable)},
        )
        for i, name in enumerate(usable)
    }
    shares = {name: {other: float(p[i, target[other]]) for other in targets} for i, name in enumerate(usable)}
    return Chain(
        states=usable,
        ends=list(ends),
        customers=len(who),
        moves=int(moves.sum()),
        confidence=confidence,
        resamples=resamples,
        seed=seed,
        transitions=shares,
        from_state=rows,
        unknown=unknown,
    )


def _usable(visits: Sequence[Visit], states: Sequence[str], ends: Sequence[str]) -> list[str]:
    """Return the states from which an end can be reached by moves that were seen."""
    onward: dict[str, set[str]] = defaultdict(set)
    for each in visits:
        if each.to is not None:
            onward[each.state].add(each.to)
    good = set(ends)
    while True:
        more = {name for name in states if name not in good and onward[name] & good}
        if not more:
            return [name for name in states if name in good]
        good |= more


def what_if(chain: Chain, state: str, to: str, share: float) -> Chain:
    """Return the chain in which, of those who leave a state, ``share`` (0 to 1) go on to another; the other ways out of
    it keep their proportions. Without intervals. Raises TooFew where nobody goes anywhere else."""
    np = library("numpy")
    targets = [*chain.states, *chain.ends]
    shares = {name: dict(row) for name, row in chain.transitions.items()}
    before = shares[state][to]
    rest = 1 - before
    if rest <= 0:
        raise TooFew(_("Everybody goes that way already."))
    shares[state] = {name: share if name == to else value * (1 - share) / rest for name, value in shares[state].items()}
    p = np.array([[shares[name][other] for other in targets] for name in chain.states])
    days = [chain.from_state[name].days.value for name in chain.states]
    width = len(chain.states)
    n, b, to_end, to_each = absorption(p[:, :width], p[:, width:], days)

    def plain(value: Any) -> Range:
        return Range(value=float(value) if np.isfinite(value) else None)

    rows = {
        name: FromState(
            state=name,
            observed=chain.from_state[name].observed,
            left=chain.from_state[name].left,
            days=Range(value=days[i]),
            chances={end: plain(b[i, j]) for j, end in enumerate(chain.ends)},
            days_to={end: plain(to_each[i, j]) for j, end in enumerate(chain.ends)},
            days_to_end=plain(to_end[i]),
            visits={other: float(n[i, k]) for k, other in enumerate(chain.states)},
        )
        for i, name in enumerate(chain.states)
    }
    from attrs import evolve

    return evolve(chain, transitions=shares, from_state=rows, resamples=0)
