"""Which rules an event can set off, found without looking at the others.

Rules are sorted by their event, and those of one event by the values that its fields must have; they are made ready
when the first such event happens, and kept for as long as definitions, configuration and plugins stay as they are.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import attrs
from attrs import define, field

from crmkit.core.business.config import was_bumped
from crmkit.core.operations.events import event_name
from crmkit.core.operations.failures import describe
from crmkit.engines.definitions.publishing import GENERATION, Defined, defined, generation_of
from crmkit.engines.facts.vocabulary import FactCatalogue, catalogue_of
from crmkit.engines.rules.compiling import Compiled, Language, compile_rule
from crmkit.engines.rules.happening import Shape, shape_of
from crmkit.errors import CrmkitError, DefinitionError
from crmkit.i18n import texts

if TYPE_CHECKING:
    from datetime import datetime

    from crmkit.core.operations.registry import Registry
    from crmkit.core.store.session import CrmSession
    from crmkit.hooks.rules import Rule

_ = texts("crmkit")
_log = logging.getLogger("crmkit.rules")

KIND = "rule"


@define(eq=False)
class Ready:
    """A rule made ready, with its definition."""

    item: Defined
    compiled: Compiled

    @property
    def rule(self) -> Rule:
        """Return the rule itself."""
        return self.compiled.rule

    @property
    def order(self) -> tuple[int, str]:
        """Return what rules are sorted by: the highest priority first."""
        return (-self.rule.priority, self.rule.name)


@define(eq=False)
class _Listening:
    """The rules of one event: by the first field of it that must have certain values, and those that take any."""

    shape: Shape
    by_field: dict[str, dict[Any, list[Ready]]] = field(factory=dict[str, dict[Any, list[Ready]]])
    rest: list[Ready] = field(factory=list[Ready])

    def add(self, ready: Ready) -> None:
        own = {f"event.{item.name}" for item in attrs.fields(self.shape.event)}
        plain = next((name for name in ready.compiled.keys if name in own), None)
        if plain is None:
            self.rest.append(ready)
            return
        values = self.by_field.setdefault(plain, {})
        for value in ready.compiled.keys[plain]:
            values.setdefault(value, []).append(ready)

    def candidates(self, event: Any) -> list[Ready]:
        """Return the rules that an event may set off, in their order."""
        told = self.shape.told(event)
        found = list(self.rest)
        for name, values in self.by_field.items():
            found.extend(values.get(told[name], ()))
        return sorted((each for each in found if each.compiled.may_hold(told)), key=lambda each: each.order)


@define(eq=False)
class RuleIndex:
    """The rules as they are in effect. ``broken`` says why rules can't be used; it is known of those made ready."""

    registry: Registry
    facts: FactCatalogue
    items: Mapping[str, Defined]
    before: Mapping[str, Ready] = field(factory=dict[str, Ready])
    ready: dict[str, Ready] = field(factory=dict[str, Ready])
    broken: dict[str, DefinitionError] = field(factory=dict[str, DefinitionError])
    _events: dict[str, list[Defined]] = field(factory=dict[str, list[Defined]])
    _languages: dict[str | None, Language] = field(factory=dict[str | None, Language])
    _listening: dict[str, _Listening] = field(factory=dict[str, _Listening])

    def __attrs_post_init__(self) -> None:
        for item in self.items.values():
            if item.enabled and item.value.on is not None:
                self._events.setdefault(item.value.on, []).append(item)

    def made_ready(self, item: Defined) -> Ready | None:
        """Return a rule made ready, or None for one that can't be used, which is logged once."""
        if item.name in self.ready or item.name in self.broken:
            return self.ready.get(item.name)
        rule: Rule = item.value
        earlier = self.before.get(item.name)
        language = self.language(rule.on)
        if earlier is not None and earlier.rule == rule and earlier.compiled.still_right(language.words):
            found = Ready(item, earlier.compiled)
        else:
            try:
                found = Ready(item, compile_rule(rule, self.registry, language))
            except DefinitionError as error:
                self.broken[item.name] = error
                _log.warning("the rule %s is set aside: %s", item.name, error)
                return None
        self.ready[item.name] = found
        return found

    def language(self, event: str | None) -> Language:
        """Return what rules of an event may speak of; without one, or of one that there is not, of facts."""
        if event not in self._languages:
            cls = None if event is None else self.registry.events.get(event)
            self._languages[event] = Language(self.facts, None if cls is None else shape_of(self.registry, cls))
        return self._languages[event]

    def candidates(self, event: Any, now: datetime) -> list[Ready]:
        """Return the rules that an event may set off and that are in effect, the most important first."""
        name = event_name(event)
        if name not in self._events:
            return []
        listening = self._listening.get(name)
        if listening is None:
            shape = self.language(name).shape
            assert shape is not None
            listening = self._listening[name] = _Listening(shape)
            for item in self._events[name]:
                ready = self.made_ready(item)
                if ready is not None:
                    listening.add(ready)
        return [each for each in listening.candidates(event) if each.item.in_effect(now)]

    def scheduled(self, now: datetime) -> Iterable[Ready]:
        """Return the rules with a schedule that are in effect."""
        for item in self.items.values():
            if item.value.on is None and item.in_effect(now):
                ready = self.made_ready(item)
                if ready is not None:
                    yield ready

    def check_all(self) -> Mapping[str, DefinitionError]:
        """Make every rule ready and return those that can't be used, each with what is wrong with it."""
        for item in self.items.values():
            self.made_ready(item)
        return self.broken


_kept: WeakKeyDictionary[Any, tuple[Any, RuleIndex]] = WeakKeyDictionary()


def index_of(session: CrmSession) -> RuleIndex:
    """Return the rules as they are in the session's transaction."""
    config = session.crm.config.get(session)
    registry = session.gate.registry
    key = (config.generation, *generation_of(session))
    held = session.info.get("crmkit.rules")
    if held is not None and held[0] == key:
        return held[1]
    kept = _kept.get(session.crm)
    if kept is not None and kept[0] == key and not was_bumped(session, GENERATION):
        found = kept[1]
    else:
        # What plugins have is the same as long as the last part of the key is: only names may have changed.
        before = kept[1].ready if kept is not None and kept[0][-1] == key[-1] else {}
        found = RuleIndex(registry, catalogue_of(session), defined(session, KIND), before)
        if not (was_bumped(session, GENERATION) or was_bumped(session, "config")):
            _kept[session.crm] = (key, found)
    session.info["crmkit.rules"] = (key, found)
    return found


def is_wanted(session: CrmSession, event: Any) -> bool:
    """Say whether an event may set off any rule. What goes wrong here must not undo the change that the event tells of:
    the delivery will find it."""
    try:
        return bool(index_of(session).candidates(event, session.gate.clock.now()))
    except CrmkitError as error:
        _log.warning("the rules cannot be looked up: %s", describe(error))
        return True
