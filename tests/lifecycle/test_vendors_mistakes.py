"""What vendors get wrong costs their own plugin and is named; what another process changed stays known as such."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from crmkit.app import CRM
from crmkit.core.interactions.timeline import timeline
from crmkit.errors import ContributionError
from tests.lifecycle.helpers import TESTER, customer, state, view
from tests.lifecycle.workshop import Plugin, Workshop

Open = Callable[..., CRM]

NO_LIST = "\n@hookimpl\ndef crmkit_jobs():\n    return 5\n"
NO_NAME = (
    "\nfrom crmkit import Job\n@hookimpl\ndef crmkit_jobs():\n"
    "    return [Job(name=5, acts_as='system', handler=print)]\n"
)


def spoil(plugin: Plugin, hooks: str) -> None:
    """Give an installed plugin other hooks, as a bad release would."""
    path = plugin.folder / "plugin.py"
    path.write_text(path.read_text() + hooks)
    del sys.modules[f"{plugin.package}.plugin"]


@pytest.mark.parametrize("hooks", [NO_LIST, NO_NAME], ids=["no list", "no name"])
def test_a_declaration_of_the_wrong_kind_is_the_plugins_own_affair(
    hooks: str, crm_url: str, workshop: Workshop, opened: Open
) -> None:
    """It cannot be enabled, and where it was, it is set aside and everything else opens."""
    plugin = workshop.plugin("odd")
    crm = opened(crm_url, plugins=[plugin.manifest()])
    crm.enable("odd")
    spoil(plugin, hooks)
    again = opened(crm_url, plugins=[plugin.manifest()])
    assert state(again, "odd") == "broken"
    assert str(view(again, "odd").reason).startswith('Plugin "odd": ')
    again.disable("odd")
    with pytest.raises(ContributionError, match='Plugin "odd"'):
        again.enable("odd")
    customer(again)


def test_a_signature_that_does_not_fit_names_the_plugin(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """Also errors that are raised where nobody knows of plugins."""
    hooks = '\n@operation("odd.x", title="X")\ndef x(session: CrmSession, a: int, b: int) -> None: ...\n'
    plugin = workshop.plugin("odd", hooks + "\n@hookimpl\ndef crmkit_operations():\n    return [x]\n")
    crm = opened(crm_url, plugins=[plugin.manifest()])
    with pytest.raises(ContributionError, match=r'Plugin "odd".*parameter a of odd\.x'):
        crm.enable("odd")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("columns=[Column(name='day', title='Day', kind='zzz')]", '"day" has the kind "zzz".*Known: text, integer, '),
        ("charts=[Chart(kind='pie', x='day', y=['items'])]", '"day" has the kind "pie".*Known: bars, lines, '),
        (
            "columns=[Column(name='day', title='Day')], charts=[Chart.bars('day', 'items')]",
            'a chart draws the column "items", which there is not.*Known: day',
        ),
    ],
    ids=["column", "chart", "drawn"],
)
def test_a_report_names_kinds_and_columns_that_there_are(
    given: str, said: str, crm_url: str, workshop: Workshop, opened: Open
) -> None:
    """What nothing could show is refused before anything is written, with the report and what would be right."""
    hooks = (
        "\nfrom crmkit import Chart, Column, Report\n@hookimpl\ndef crmkit_reports():\n"
        f"    return [Report(name='odd.due', title='Due', rows=list, {given})]\n"
    )
    crm = opened(crm_url, plugins=[workshop.plugin("odd", hooks).manifest()])
    with pytest.raises(ContributionError, match=f"odd.due: {said}"):
        crm.enable("odd")


def test_an_answer_of_the_wrong_kind_costs_that_answer(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """The timeline is shown, and says whose entries are missing."""
    hook = "\n@hookimpl\ndef crmkit_timeline(session, customer_ids, since, until):\n    return 7\n"
    crm = opened(crm_url, plugins=[workshop.plugin("odd", hook).manifest()])
    crm.enable("odd")
    about = customer(crm)
    crm.run(TESTER, "interaction.record", {"kind": "call", "customer_id": about})
    with crm.session(TESTER) as session:
        page = timeline(session, about)
    assert [entry.kind for entry in page.entries] == ["call"]
    assert [(name, "returned int" in str(error)) for name, error in page.failed_plugins.items()] == [("odd", True)]


def test_a_subscription_that_exits_does_not_end_its_caller(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """The change is made, and that is what the caller hears."""
    hooks = """
@hookimpl
def crmkit_subscriptions():
    from crmkit import Subscription
    def leave(session, item):
        raise SystemExit(3)
    return [Subscription(name="odd.leave", event="customer.created", handler=leave, durable=False)]
"""
    crm = opened(crm_url, plugins=[workshop.plugin("odd", hooks).manifest()])
    crm.enable("odd")
    assert customer(crm)


def test_what_was_disabled_elsewhere_can_be_enabled_here(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """A CRM that still runs the plugin takes it up anew, and stays stale for what else was changed."""
    manifests = [workshop.plugin("one").manifest(), workshop.plugin("two").manifest()]
    here, elsewhere = opened(crm_url, plugins=manifests), opened(crm_url, plugins=manifests)
    here.enable("one")
    elsewhere = opened(crm_url, plugins=manifests)
    elsewhere.disable("one")
    elsewhere.enable("two")
    assert here.enable("one") == ("one",)
    assert (state(here, "one"), view(here, "two").restart_needed, here.is_stale()) == ("enabled", True, True)
    here.run(TESTER, "one.thing.create", {"label": "here"}, target=customer(here))
