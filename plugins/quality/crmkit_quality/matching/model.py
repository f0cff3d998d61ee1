"""A model of how duplicates look: for each kind of customer, what each level of each comparison is worth.

A model is a value and has a JSON form, so that it can be kept and used again. Must not know how it is fitted. What it
keeps of names is how frequent the frequent ones are, never what a single customer is called.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, cast

from attrs import evolve, field, frozen

from crmkit.errors import InvalidInput
from crmkit.i18n import texts

_ = texts("crmkit_quality")

VERSION = 1
KINDS = ("person", "organization")
RATE = 0.05
"""How many duplicates a customer has on average, before anything is known of a base."""
HOUSEHOLDS = 0.25
"""How many others a customer shares a household, or a switchboard, with on average."""


@frozen(kw_only=True, slots=True)
class MatchingRules:
    """What a business knows of its data.

    With ``provider_rules``, addresses that a provider of e-mail delivers to one mailbox count as one: dots and what
    follows a plus sign in addresses of Gmail, and the like. ``exclusive_sources`` are those whose ids stand for
    different customers without exception: two ids of such a source are a conflict.
    """

    provider_rules: bool = False
    exclusive_sources: frozenset[str] = frozenset()


@frozen(kw_only=True, slots=True)
class LevelModel:
    """What one level of a comparison is worth.

    ``m`` is how probable it is for two records of one customer, ``u`` for two customers drawn at random, ``home`` for
    two different customers of one household or office. Where agreeing on a rare value is worth more than on a frequent
    one, ``terms`` is how probable frequent values are, and ``usual`` all others; None where values don't matter.
    """

    name: str
    m: float
    u: float
    home: float
    usual: float | None = None
    terms: Mapping[str, float] = field(factory=dict[str, float])

    @property
    def weight(self) -> float:
        """Return log2(m/u), the weight of evidence in bits (Fellegi and Sunter 1969)."""
        return math.log2(self.m / self.u)


@frozen(kw_only=True, slots=True)
class ComparisonModel:
    """One comparison with its levels, the best first."""

    name: str
    levels: tuple[LevelModel, ...]


@frozen(kw_only=True, slots=True)
class KindModel:
    """The model of one kind of customer: ``prior`` is how probable it is that two customers drawn at random are one,
    ``homes`` that they share a household or an office."""

    kind: str
    customers: int
    prior: float
    homes: float
    comparisons: tuple[ComparisonModel, ...]

    def comparison(self, name: str) -> ComparisonModel | None:
        """Return a comparison by its name, or None where the model does not have it."""
        return next((each for each in self.comparisons if each.name == name), None)


@frozen(kw_only=True, slots=True)
class Model:
    """How duplicates look in a base, for people and for organisations apart: they never match each other."""

    kinds: tuple[KindModel, ...]
    rules: MatchingRules = MatchingRules()

    def of(self, kind: str) -> KindModel:
        """Return the model of a kind of customer."""
        return next(each for each in self.kinds if each.kind == kind)

    @classmethod
    def shipped(cls, customers: int = 1000, *, rules: MatchingRules = MatchingRules()) -> Model:
        """Return the model that is used before anything is known of a base of so many customers."""
        from crmkit_quality.matching.shipped import shipped_kind

        return cls(kinds=tuple(shipped_kind(kind, customers) for kind in KINDS), rules=rules)

    def sized(self, customers: Mapping[str, int]) -> Model:
        """Return the model for a base that has grown, or shrunk, to so many customers of each kind: the more there are,
        the less probable is it that two drawn at random are one."""
        return evolve(self, kinds=tuple(_sized(each, customers.get(each.kind, each.customers)) for each in self.kinds))

    def as_document(self) -> dict[str, Any]:
        """Return the model in a form that JSON can keep."""
        return {
            "version": VERSION,
            "rules": {
                "provider_rules": self.rules.provider_rules,
                "exclusive_sources": sorted(self.rules.exclusive_sources),
            },
            "kinds": {each.kind: _kind_document(each) for each in self.kinds},
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Model:
        """Return a model from its JSON form. Raises InvalidInput for what is none."""
        try:
            if document["version"] != VERSION:
                raise ValueError(document["version"])
            rules = document["rules"]
            return cls(
                kinds=tuple(_kind_from(kind, document["kinds"][kind]) for kind in KINDS),
                rules=MatchingRules(
                    provider_rules=bool(rules["provider_rules"]),
                    exclusive_sources=frozenset(str(each) for each in rules["exclusive_sources"]),
                ),
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            raise InvalidInput(
                _("This is not a model of duplicates that this version can read."), fix=_("Have it fitted anew.")
            ) from None


def pairs_of(customers: int) -> int:
    """Return how many pairs so many customers make; at least one, so that it can be divided by."""
    return max(customers * (customers - 1) // 2, 1)


def share(each: float, customers: int) -> float:
    """Return how probable it is that two customers belong together, where each has so many others to do so with."""
    return min(each * customers / 2 / pairs_of(customers), 0.25)


def _sized(model: KindModel, customers: int) -> KindModel:
    # A duplicate rate stays what it is when a base grows: the share of its pairs falls with their number.
    before, now = share(1, max(model.customers, 2)), share(1, max(customers, 2))
    return evolve(
        model,
        customers=customers,
        prior=min(model.prior * now / before, 0.25),
        homes=min(model.homes * now / before, 0.25),
    )


def _kind_document(model: KindModel) -> dict[str, Any]:
    return {
        "customers": model.customers,
        "prior": model.prior,
        "homes": model.homes,
        "comparisons": [
            {"name": each.name, "levels": [_level_document(level) for level in each.levels]}
            for each in model.comparisons
        ],
    }


def _level_document(level: LevelModel) -> dict[str, Any]:
    document: dict[str, Any] = {"name": level.name, "m": level.m, "u": level.u, "home": level.home}
    if level.usual is not None:
        document |= {"usual": level.usual, "terms": dict(sorted(level.terms.items()))}
    return document


def _kind_from(kind: str, document: Mapping[str, Any]) -> KindModel:
    return KindModel(
        kind=kind,
        customers=int(document["customers"]),
        prior=_probability(document["prior"]),
        homes=_probability(document["homes"]),
        comparisons=tuple(
            ComparisonModel(name=str(each["name"]), levels=tuple(_level_from(level) for level in each["levels"]))
            for each in document["comparisons"]
        ),
    )


def _level_from(document: Mapping[str, Any]) -> LevelModel:
    usual = document.get("usual")
    terms = cast("dict[str, Any]", document.get("terms", {}))
    return LevelModel(
        name=str(document["name"]),
        m=_probability(document["m"]),
        u=_probability(document["u"]),
        home=_probability(document["home"]),
        usual=None if usual is None else _probability(usual),
        terms={str(term): _probability(value) for term, value in terms.items()},
    )


def _probability(value: Any) -> float:
    number = float(value)
    if not 0 < number <= 1:
        raise ValueError(value)
    return number
