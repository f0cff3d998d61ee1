"""Where conditions are written, and what they can say there: facts alone, facts and what an event tells, or facts and
the own fields of the customers that a list filters.

Must not know pages.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from attrs import frozen

from crmkit.engines.expressions.compiling import Expression, compile_expression
from crmkit.engines.expressions.symbols import Vocabulary, Words
from crmkit.engines.facts.vocabulary import catalogue_of, check_readable
from crmkit.errors import NotFound
from crmkit.i18n import texts
from crmkit.resources import FieldShape, shape_of
from crmkit.resources.filters import readable_in_full, symbol_of, understood
from crmkit.web.pages.conditions.vocabulary import Offered, of_field, offered, vocabulary_of

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

CUSTOMER = "customer"
_UNOFFERED = frozenset(
    ("id", "version", "name_key", "custom", "preferences", "custom_sealed", "created_by", "birth_band")
)
_AS_FACTS = frozenset(("owner_id", "team_id"))
"""Fields that hold ids of what a fact names."""


@frozen(kw_only=True)
class Language:
    """What conditions can say at one place. ``words`` are the names that rows know; ``check`` raises InvalidInput for a
    text that is wrong or that its reader may not ask; ``offers`` returns what rows can be about."""

    words: Vocabulary
    check: Callable[[str], None]
    offers: Callable[[], list[Offered]]

    def compiled(self, text: str) -> Expression:
        """Return what a text says, once it was checked. Raises ExpressionError."""
        self.check(text)
        return compile_expression(text, self.words)


def language_of(session: CrmSession, *, event: str | None = None, resource: str | None = None) -> Language:
    """Return the language of conditions on facts, with an event that of rules, with a resource that of its list.
    Raises NotFound for a resource whose list has no such conditions."""
    if resource:
        if resource != CUSTOMER:
            raise NotFound(_("There is no such list."))
        return _of_customers(session)
    words = vocabulary_of(session, event)

    def check(text: str) -> None:
        facts = compile_expression(text, words).facts
        catalogue_of(session)
        check_readable(session, sorted(facts))

    return Language(words=words, check=check, offers=lambda: offered(session, event))


def _of_customers(session: CrmSession) -> Language:
    shape = shape_of(session, CUSTOMER)
    facts = catalogue_of(session).facts
    fields = [
        known
        for known in shape.fields
        if known.title and known.filterable and known.name not in _UNOFFERED
        if known.exact or (known.source == "column" and readable_in_full(session, shape, known))
        if not known.exact or session.level(shape.model, known.classified) != "none"
    ]

    def offers() -> list[Offered]:
        found = offered(session)
        own = [of_field(session, known, listed=_is_news(known, facts)) for known in fields]
        first = next((place for place, each in enumerate(found) if each.name.startswith("customer.")), len(found))
        return [*found[:first], *own, *found[first:]]

    return Language(
        words=Words.of(*(symbol_of(known) for known in fields), behind=catalogue_of(session)),
        check=lambda text: _understand(session, text),
        offers=offers,
    )


def _understand(session: CrmSession, text: str) -> None:
    understood(session, shape_of(session, CUSTOMER), text)


def _is_news(known: FieldShape, facts: object) -> bool:
    """Say whether no fact tells what a field does: of two names for one thing people are offered the fact's."""
    named = f"customer.{known.name}" in facts  # type: ignore[operator]
    return not named and known.name not in _AS_FACTS and known.type != "id"
