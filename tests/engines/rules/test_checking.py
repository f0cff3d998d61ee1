"""What is said about a rule before it is saved, rules that plugins ship, and what becomes of a rule that is broken."""

from __future__ import annotations

import re
from typing import Any

import pytest

from crmkit import CRM, Do, InvalidInput, Rule
from crmkit.core.interactions.events import InteractionsRecorded
from crmkit.core.store.actor import Actor
from crmkit.core.store.ids import new_id
from crmkit.engines.definitions.documents import from_document, to_document
from crmkit.engines.rules.checking import rules_are_usable
from crmkit.engines.rules.index import index_of
from crmkit.engines.rules.listing import list_rules
from crmkit.engines.rules.trying import try_rule
from crmkit.errors import DefinitionError
from tests.conftest import Scale
from tests.engines.rules.support import SYSTEM, configure, customer, do, log, save, tag, tags, work

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "two triggers": ({"every": "day"}, "on: "),
    "no trigger": ({"on": None}, "on: "),
    "unknown event": ({"on": "customer.creatde"}, 'Did you mean "customer.created"'),
    "event about nobody": ({"on": "team.renamed"}, "on: "),
    "event without customer": ({"on": "user.created"}, "about no customer"),
    "too often": ({"on": None, "every": "second"}, "every: "),
    "no period": ({"on": None, "every": "sometimes"}, "every: "),
    "no cron": ({"on": None, "cron": "at noon"}, "cron: "),
    "unknown fact": ({"when": "purchase.cuont > 1"}, "when: .*Did you mean purchase.count"),
    "unknown field": ({"when": 'event.kidn == "x"'}, "when: "),
    "event in among": ({"among": 'event.kind == "x"'}, "among: "),
    "not a condition": ({"when": "purchase.count + 1"}, "when: "),
    "unknown operation": ({"then": [do("customer.tga")]}, 'then.0: .*"customer.tag"'),
    "unknown input": ({"then": [do("customer.tag", nmaes="1", names=['"x"'])]}, r"then.0.arguments.nmaes: .*names"),
    "missing input": ({"then": [do("customer.tag")]}, r"then.0.arguments.names: "),
    "wrong type": ({"then": [do("customer.update", industry="purchase.count")]}, r"then.0.arguments.industry: "),
    "wrong constant": ({"then": [do("customer.update", industry='"x"', kind='"animal"')]}, r"then.0.arguments.kind: "),
    "bad expression": ({"then": [do("customer.tag", names=["vip"])]}, r"then.0.arguments.names.0: "),
    "no expression": ({"then": [do("customer.tag", names=[1])]}, r"then.0.arguments.names.0: "),
    "no target": ({"then": [do("interaction.reverse", reason='"x"')]}, r"then.0.target: "),
    "nothing to do": ({"then": []}, "then: "),
    "share": ({"control": 1.5}, "control: "),
    "limit": ({"once_per": "moon"}, "once_per: "),
}


def test_what_is_wrong_with_a_rule_is_named(crm: CRM) -> None:
    """Each mistake is named with its field, and with what was probably meant."""
    base = {"name": "x", "title": "x", "on": "customer.created", "then": [tag("x")]}
    missed: list[str] = []
    for name, (changes, expected) in WRONG.items():
        try:
            crm.run(SYSTEM, "rule.save", {**base, **changes})
        except InvalidInput as error:
            if not any(re.search(expected, problem.render()) for problem in error.problems):
                missed.append(f"{name}: {error}")
        else:
            missed.append(f"{name}: saved")
    assert [] == missed


def test_all_mistakes_are_named_at_once(crm: CRM) -> None:
    """One problem for each."""
    with pytest.raises(InvalidInput) as caught:
        save(crm, "x", tag("x"), do("customer.tga"), on="customer.created", when="nothing.known", once_per="moon")
    fields = {problem.field for problem in caught.value.problems}
    assert {"when", "once_per", "then.1"} <= fields


def test_whose_rights_nobody_knows_cannot_publish(crm: CRM) -> None:
    """A host's actor that is no user of crmkit is known only while the host vouches for it."""
    role = crm.run(SYSTEM, "role.create", {"name": "boss", "title": "Boss"}).id
    crm.run(SYSTEM, "role.grant", {"resource": "*", "action": "*", "scope": "all"}, target=role)
    with pytest.raises(InvalidInput, match="rights"):
        save(crm, "x", tag("x"), actor=Actor.host("shop", roles=("boss",)), on="customer.created")


def test_a_document_says_what_its_author_has_said() -> None:
    """The plain form of a rule leaves out what is as by default, and gives the same rule back."""
    rule = Rule(
        name="x", title="X", on="customer.created", then=(Do(operation="customer.tag", arguments={"names": ["'a'"]}),)
    )
    document = to_document(rule)
    assert {"name": "x", "title": "X", "on": "customer.created"} == {k: v for k, v in document.items() if k != "then"}
    assert rule == from_document(Rule, document)


def ship(crm: CRM, *rules: Rule, plugin: str = "toy", uses: frozenset[str] = frozenset()) -> None:
    """Have a plugin ship rules."""
    crm.registry.add(plugin, "rule", rules)
    crm.registry.uses[plugin] = uses
    crm.registry.permissions[plugin] = frozenset()


TOY = Rule(
    name="toy.tag",
    title="Tag",
    on="customer.created",
    then=(Do(operation="customer.tag", arguments={"names": ["'toy'"]}),),
)


def test_a_shipped_rule_acts_within_what_its_plugin_declares(crm: CRM) -> None:
    """It may do what the manifest says that the plugin uses, and nothing else."""
    ship(crm, TOY)
    one = customer(crm)
    work(crm)
    crm.registry.uses["toy"] = frozenset(("customer.update",))
    two = customer(crm, "Ann Lee")
    work(crm)
    assert ([], ["toy"]) == (tags(crm, one), tags(crm, two))
    assert [("refused", "plugin:toy"), ("fired", "plugin:toy")] == log(crm, "toy.tag", "outcome", "actor_id")


def test_a_shipped_rule_can_be_changed_and_taken_back(crm: CRM) -> None:
    """What an admin has changed acts as the admin; taken back it is the plugin's again."""
    ship(crm, TOY, uses=frozenset(("customer.update",)))
    save(crm, "toy.tag", tag("mine"), on="customer.created")
    one = customer(crm)
    work(crm)
    crm.run(SYSTEM, "rule.reset", {"name": "toy.tag"})
    crm.run(SYSTEM, "rule.disable", {"name": "toy.tag"})
    two = customer(crm, "Ann Lee")
    crm.run(SYSTEM, "rule.enable", {"name": "toy.tag"})
    three = customer(crm, "Bo")
    work(crm)
    # The second customer was there while the rule was off, so no delivery was queued.
    assert (["mine"], [], ["toy"]) == (tags(crm, one), tags(crm, two), tags(crm, three))
    assert ["system", "plugin:toy"] == log(crm, "toy.tag", "actor_id")


def test_a_broken_rule_is_set_aside_with_its_reason(crm: CRM) -> None:
    """It costs itself alone: the others run, the list and the doctor name it, and it can be turned off."""
    ship(
        crm,
        TOY,
        Rule(name="toy.broken", title="Broken", on="customer.created", when="toy.gone > 1", then=TOY.then),
        uses=frozenset(("customer.update",)),
    )
    who = customer(crm)
    work(crm)
    assert ["toy"] == tags(crm, who)
    with crm.session(SYSTEM) as session:
        broken = {line.item.name: line.broken for line in list_rules(session)}
        findings = rules_are_usable(session)
    assert "toy.gone" in broken["toy.broken"]
    assert broken["toy.tag"] == ""
    assert ["toy.broken"] == [finding.values["name"] for finding in findings if finding.level == "error"]
    with pytest.raises(DefinitionError, match=r'The rule "toy.broken" cannot be used: .*rule disable toy.broken'):
        try_rule(crm, SYSTEM, "toy.broken", who)


def test_a_thousand_rules_cost_only_those_that_can_match(crm: CRM, scale: Scale) -> None:
    """An event is looked up in an index: of a thousand rules only those whose literal conditions it meets are
    evaluated."""
    configure(crm)
    number = scale(small=300, full=1000)
    rules = [
        Rule(
            name=f"toy.r{place}",
            title="x",
            on="interaction.recorded",
            when=f'event.kind == "kind{place}" and purchase.count > {place}' if place else 'event.kind == "purchase"',
            then=TOY.then,
        )
        for place in range(number)
    ]
    ship(crm, *rules)
    event = InteractionsRecorded(kind="purchase", interaction_ids=(new_id(),), customer_ids=(new_id(),))
    with crm.session(SYSTEM) as session:
        index = index_of(session)
        now = crm.clock.now()
        found = index.candidates(event, now)
    assert ["toy.r0"] == [ready.rule.name for ready in found]


def test_a_change_makes_only_changed_rules_ready_again(crm: CRM) -> None:
    """When one rule is saved the others keep what was understood of them."""
    ship(crm, TOY)
    with crm.session(SYSTEM) as session:
        index = index_of(session)
        before = index.made_ready(index.items["toy.tag"])
    save(crm, "another", tag("x"), on="customer.created")
    with crm.session(SYSTEM) as session:
        index = index_of(session)
        after = index.made_ready(index.items["toy.tag"])
    assert before is not None
    assert after is not None
    assert after.compiled is before.compiled
