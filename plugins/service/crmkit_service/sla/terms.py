"""The terms of a policy as they compute and as people write them: one line for each clock.

Pure; must not know the database. A line has a clock, its targets in working time, and what differs from the usual:

    first_response: urgent 30m, high 1h, normal 8h, low 24h
    resolution: 24h; pause waiting_customer, on_hold; calendar support
    update: 24h; start agent_message; reset agent_message
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import asdict, evolve, field, frozen

from crmkit import InvalidInput, Problem, texts
from crmkit_service.sla.words import ALL_CLOCKS, AROUND_THE_CLOCK, CASE_STATES, CLOCKS, PRIORITIES, TRIGGERS

_ = texts("crmkit_service")

MOST_SECONDS = 366 * 86_400
_AMOUNT = re.compile(r"(?:(\d{1,5})\s*h)?\s*(?:(\d{1,6})\s*m(?:in)?)?")
_GONE = ("merged", "spam")
_WORDS = ("start", "stop", "pause", "reset", "cancel")


@frozen(kw_only=True)
class Rule:
    """One clock of a policy.

    ``targets`` are seconds of working time by priority, under "" for every other one; without either nothing is
    promised. ``start``, ``stop``, ``reset`` and ``cancel`` are triggers, ``pause`` states of the case during which no
    time counts. A clock does not start while the one named in ``after`` runs. ``carry`` lets a later turn of the clock
    begin with what the one before has used up. ``calendar`` is the name of a working calendar; "" is the customer's,
    the team's or the usual one, "always" counts every second.
    """

    clock: str
    targets: Mapping[str, int] = field(factory=dict[str, int])
    start: tuple[str, ...] = field(default=(), converter=tuple[str, ...])
    stop: tuple[str, ...] = field(default=(), converter=tuple[str, ...])
    pause: tuple[str, ...] = field(default=(), converter=tuple[str, ...])
    reset: tuple[str, ...] = field(default=(), converter=tuple[str, ...])
    cancel: tuple[str, ...] = field(default=_GONE, converter=tuple[str, ...])
    after: str = ""
    carry: bool = False
    calendar: str = ""
    heard: frozenset[str] = field(init=False, repr=False, eq=False)
    """Every trigger that the clock hears of."""

    def __attrs_post_init__(self) -> None:
        heard = frozenset((*self.start, *self.stop, *self.reset, *self.cancel, "restored"))
        object.__setattr__(self, "heard", heard)

    def target(self, priority: str) -> int | None:
        """Return the seconds of working time promised for a priority, or None where nothing is."""
        return self.targets.get(priority, self.targets.get(""))


@frozen(kw_only=True)
class Terms:
    """What a version of a policy promises: its name, its version, and its clocks in the order of `CLOCKS`."""

    policy: str
    version: int = 1
    rules: tuple[Rule, ...] = ()
    policy_id: Any = None
    conditions: tuple[Rule, ...] = field(init=False, repr=False, eq=False)
    """The clocks without their targets: what decides when they start, stop and pause."""
    _by_clock: Mapping[str, Rule] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "conditions", tuple(evolve(each, targets={}) for each in self.rules))
        object.__setattr__(self, "_by_clock", {each.clock: each for each in reversed(self.rules)})

    def rule(self, clock: str) -> Rule | None:
        """Return the rule of a clock, or None where the policy has none."""
        return self._by_clock.get(clock)


USUAL: Mapping[str, Rule] = {
    "acknowledgement": Rule(
        clock="acknowledgement", start=("opened",), stop=("acknowledged", "agent_message", "resolved", "closed")
    ),
    "first_response": Rule(clock="first_response", start=("opened",), stop=("agent_message", "resolved", "closed")),
    "next_response": Rule(
        clock="next_response",
        start=("customer_message",),
        stop=("agent_message", "resolved", "closed"),
        after="first_response",
    ),
    "update": Rule(
        clock="update",
        start=("agent_message",),
        reset=("agent_message",),
        stop=("resolved", "closed"),
        pause=("waiting_customer", "on_hold"),
        after="first_response",
    ),
    "resolution": Rule(
        clock="resolution",
        start=("opened", "reopened"),
        stop=("resolved", "closed"),
        pause=("waiting_customer", "on_hold"),
    ),
    "ola": Rule(clock="ola", pause=("waiting_customer", "waiting_third_party", "on_hold")),
    "uc": Rule(clock="uc"),
}
"""The usual conditions of each clock: what a line of terms does not say is so."""


def parse_terms(text: str, *, kind: str = "sla", field: str = "terms") -> tuple[Rule, ...]:
    """Return the clocks that a text lays down, in the order in which they are judged.

    A policy of the ``kind`` ola or uc has one line, the clock of that name, whose name may be left out. Raises
    InvalidInput that repeats what is not understood.
    """
    found: dict[str, Rule] = {}
    for line in text.splitlines():
        given = line.strip()
        if not given or given.startswith("#"):
            continue
        head, colon, rest = given.replace("：", ":").replace("；", ";").replace("，", ",").partition(":")
        if not colon and kind != "sla":
            head, rest = kind, head
        clock = head.strip().lower().replace(" ", "_").replace("-", "_")
        if clock not in (CLOCKS if kind == "sla" else (kind,)):
            names = ", ".join(CLOCKS if kind == "sla" else (kind,))
            raise _problem(_('"{text}" is no clock.'), head, field, _("There are: {names}."), names=names)
        if clock in found:
            raise _problem(_('The clock "{text}" stands there twice.'), clock, field)
        found[clock] = _rule(clock, rest, field)
    if not found:
        raise _problem(_("Say what is promised."), "", field, _("Such as first_response: urgent 30m, normal 8h."))
    return tuple(found[clock] for clock in ALL_CLOCKS if clock in found)


def format_terms(rules: Sequence[Rule]) -> str:
    """Return the text of clocks, as `parse_terms` reads it: what is usual is left out."""
    return "\n".join(f"{rule.clock}: {_said(rule)}" for rule in rules)


def format_amount(seconds: float) -> str:
    """Return working time as people write it: ``30m``, ``8h``, ``1h 30m``; below a minute in seconds."""
    minutes, rest = divmod(int(seconds), 60)
    if not minutes:
        return f"{rest}s"
    hours, minutes = divmod(minutes, 60)
    return " ".join(part for part, number in ((f"{hours}h", hours), (f"{minutes}m", minutes)) if number)


def as_rows(rules: Sequence[Rule]) -> list[dict[str, Any]]:
    """Return clocks as they are kept."""
    return [asdict(rule, filter=lambda attribute, _value: attribute.init) for rule in rules]


def of_rows(rows: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Return the clocks of rows as they are kept."""
    return tuple(Rule(**row) for row in rows)


def _rule(clock: str, text: str, field: str) -> Rule:
    targets, *settings = (part.strip() for part in text.split(";"))
    values: dict[str, Any] = {}
    for each in settings:
        word, _space, rest = each.partition(" ")
        names = tuple(name for name in re.split(r"[\s,]+", rest.strip()) if name)
        if word in _WORDS:
            allowed = CASE_STATES if word == "pause" else TRIGGERS
            wrong = next((name for name in names if name not in allowed and names != ("never",)), None)
            if wrong is not None:
                listed = ", ".join(allowed)
                raise _problem(_('"{text}" is no condition.'), wrong, field, _("There are: {names}."), names=listed)
            values[word] = () if names == ("never",) else names
        elif word == "calendar" and len(names) == 1:
            values["calendar"] = names[0]
        elif word == "carry" and not names:
            values["carry"] = True
        elif word == "after" and len(names) == 1 and (names[0] in CLOCKS or names[0] == "never"):
            values["after"] = "" if names[0] == "never" else names[0]
        elif each:
            hint = _("Settings are start, stop, pause, reset, cancel, after, carry and calendar.")
            raise _problem(_('"{text}" is no setting of a clock.'), each, field, hint)
    return evolve(USUAL[clock], targets=_targets(targets, field), **values)


def _targets(text: str, field: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in text.split(","):
        words = part.split()
        if not words:
            continue
        named = words[0].lower() in PRIORITIES
        priority = words[0].lower() if named else ""
        amount = "".join(words[1:] if named else words)
        match = _AMOUNT.fullmatch(amount)
        seconds = int(match[1] or 0) * 3600 + int(match[2] or 0) * 60 if match is not None else 0
        if not 0 < seconds <= MOST_SECONDS:
            hint = _("Write working time as 30m, 8h or 1h30m, after a priority: urgent, high, normal or low.")
            raise _problem(_('"{text}" is no target.'), part.strip(), field, hint)
        if priority in found:
            raise _problem(_('"{text}" gives a priority for the second time.'), part.strip(), field)
        found[priority] = seconds
    if not found:
        raise _problem(_("A clock needs a target."), "", field, _("Such as first_response: urgent 30m, normal 8h."))
    return found


def _said(rule: Rule) -> str:
    usual = USUAL[rule.clock]
    parts = [
        ", ".join(
            f"{priority} {format_amount(rule.targets[priority])}".strip()
            for priority in (*PRIORITIES, "")
            if priority in rule.targets
        )
    ]
    parts += [
        f"{word} {', '.join(names) or 'never'}"
        for word in _WORDS
        if (names := getattr(rule, word)) != getattr(usual, word)
    ]
    if rule.after != usual.after:
        parts.append(f"after {rule.after or 'never'}")
    if rule.carry:
        parts.append("carry")
    if rule.calendar:
        parts.append(f"calendar {rule.calendar}")
    return "; ".join(parts)


def around_the_clock(name: str) -> bool:
    """Say whether a name of a calendar means every second."""
    return name == AROUND_THE_CLOCK


def _problem(message: str, text: str, field: str, hint: str = "", **values: Any) -> InvalidInput:
    return InvalidInput([Problem(InvalidInput.code, message, field=field, hint=hint, text=text.strip()[:80], **values)])
