"""Conditions in words for people: values that have a title are said by it, as the builder shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import evolve

from crmkit.engines.classification.dimensions import KIND as DIMENSION, PREFIX
from crmkit.engines.definitions.publishing import defined
from crmkit.engines.expressions.compiling import Expression, compile_expression
from crmkit.engines.expressions.tree import Binary, ListOf, Literal, Logic, Name, Node, Unary
from crmkit.engines.expressions.words import in_words
from crmkit.errors import CrmkitError
from crmkit.i18n import translate
from crmkit.web.pages.conditions.vocabulary import CHOICES, PEOPLE, event_titles, options_of_event, people_of

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession
    from crmkit.engines.expressions.symbols import Vocabulary


def in_titles(session: CrmSession, expression: Expression, language: str) -> str:
    """Return what an expression says, in a language, with the titles of labels and options in place of their names."""
    told = {ref: symbol for ref, symbol in expression.symbols.items() if symbol.source == "event" and not symbol.title}
    titles = event_titles(session, (symbol.name for symbol in told.values()))
    named = {ref: evolve(symbol, title=titles[symbol.name]) for ref, symbol in told.items()}
    return in_words(_titled(session, expression.tree, language), {**expression.symbols, **named}, language)


def titles_of(session: CrmSession, name: str, language: str) -> Mapping[str, str]:
    """Return what the values of a fact are called, for those that have titles."""
    config = session.crm.config.get(session)
    if name.startswith("event."):
        return {value: translate(title, language) for value, title in options_of_event(session, name)}
    if name.startswith(PREFIX):
        item = defined(session, DIMENSION).get(name.removeprefix(PREFIX))
        return {} if item is None else {label.name: translate(label.title, language) for label in item.value.labels}
    if name in PEOPLE:
        return dict(people_of(session, name))
    if name in CHOICES:
        return {value: translate(title, language) for value, title in CHOICES[name]}
    field = name.removeprefix("customer.")
    listed = config.options.get(name) or (config.options.get(field, {}) if name.startswith("customer.") else {})
    return {value: translate(title, language) for value, title in listed.items()}


def _titled(session: CrmSession, node: Node, language: str) -> Node:
    def value(literal: Node, titles: Mapping[str, str]) -> Node:
        if isinstance(literal, Literal) and isinstance(literal.value, str):
            return evolve(literal, value=titles.get(literal.value, literal.value))
        return literal

    match node:
        case Binary(left=Name(name=name), right=Literal() as right):
            return evolve(node, right=value(right, titles_of(session, name, language)))
        case Binary(left=Name(name=name), right=ListOf(items=items) as right):
            titles = titles_of(session, name, language)
            return evolve(node, right=evolve(right, items=tuple(value(item, titles) for item in items)))
        case Logic(operands=operands):
            return evolve(node, operands=tuple(_titled(session, each, language) for each in operands))
        case Unary(operand=inner):
            return evolve(node, operand=_titled(session, inner, language))
        case _:
            return node


def words_of(session: CrmSession, text: str, vocabulary: Vocabulary, language: str) -> str:
    """Return what a text says; the text itself where it cannot be understood."""
    try:
        return in_titles(session, compile_expression(text, vocabulary, expect=None), language)
    except CrmkitError:
        return text
