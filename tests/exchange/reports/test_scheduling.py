"""Reports on a schedule: made in time, as their recipients, into files that their owner alone can read."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import define, evolve

from crmkit import CRM, Actor
from crmkit.core.store.clock import Clock
from crmkit.errors import InvalidInput, NotFound, Refused
from crmkit.exchange.reports.scheduling import Scheduled, next_tick, schedules
from crmkit.settings import Settings
from tests.conftest import Templates
from tests.security.world import SYSTEM, customer, role, user


@define(kw_only=True)
class Office:
    """An installation whose time is moved on, with a user who sees the north, and one who may read no report."""

    crm: CRM
    home: Path
    now: list[datetime]
    nora: Actor
    otto: Actor

    def work(self, **later: float) -> None:
        """Let time pass, and do what is due."""
        self.now[0] += timedelta(**later)
        worker = self.crm.worker()
        worker.run_until_idle()

    def schedule(self, actor: Actor, **values: Any) -> Scheduled:
        """Schedule a report on Mondays at six."""
        given = {
            "name": "weekly",
            "report": "customer.by_label",
            "cron": "0 6 * * 1",
            "format": "json",
            "parameters": {"dimension": "type"},
            **values,
        }
        made: Scheduled = self.crm.run(actor, "report.schedule", given)
        return made

    def files(self) -> list[Path]:
        """Return the files that were made."""
        return sorted(path for path in (self.home / "reports").rglob("*") if path.is_file())


@pytest.fixture
def office(templates: Templates, tmp_path: Path) -> Iterator[Office]:
    """The installation, on a Sunday."""
    home = tmp_path / "home"
    home.mkdir()
    now = [datetime(2026, 6, 7, 12, tzinfo=UTC)]
    settings = Settings.from_mapping({"database": templates.copy("sqlite", tmp_path)}, environ=dict(os.environ))
    crm = CRM.open(evolve(settings, home=home), clock=Clock(None, lambda: now[0]))
    crm.run(SYSTEM, "business.configure", {"name": "Shop", "base_currency": "CNY", "zone": "Asia/Shanghai"})
    north = crm.run(SYSTEM, "team.create", {"name": "North"}).id
    role(crm, "seer", [("customer", "read", "team"), ("report", "read", "team")], levels={"personal": "full"})
    role(crm, "outsider", [("customer", "read", "team")])
    crm.worker().run_until_idle()  # sees its periodic jobs for the first time
    for name, team in (("Ann", north), ("Ben", north), ("Cai", None)):
        customer(crm, name, **({"team": team} if team else {}))
    yield Office(
        crm=crm,
        home=home,
        now=now,
        nora=user(crm, "nora", "seer", team=north),
        otto=user(crm, "otto", "outsider", team=north),
    )
    crm.close()


def test_a_report_is_made_in_time_as_its_recipient(office: Office) -> None:
    """On Monday at six where the company is, of what Nora may see, once."""
    made = office.schedule(office.nora)
    assert made.next_at == datetime(2026, 6, 7, 22, tzinfo=UTC)
    office.work(hours=1)
    assert office.files() == []
    office.work(hours=10)
    (path,) = office.files()
    assert path.name == "weekly-2026-06-08-0700.json"
    found = json.loads(path.read_text("utf-8"))
    assert (found["scope"], found["totals"]["values"]["customers"]) == ("visible", 2)
    office.work(hours=2)
    assert office.files() == [path]
    with office.crm.session(office.nora) as session:
        (listed,) = schedules(session)
    assert (listed.file, listed.next_at) == (str(path), datetime(2026, 6, 14, 22, tzinfo=UTC))


def test_its_files_are_their_owners_alone(office: Office) -> None:
    """The folder and what is in it."""
    office.schedule(office.nora)
    office.work(hours=11)
    (path,) = office.files()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (path.parent, path.parent.parent)] == [0o700, 0o700]


def test_rights_are_checked_each_time(office: Office) -> None:
    """Who lost the right to read reports gets none any more, and who was deactivated neither."""
    office.schedule(office.nora)
    office.crm.run(SYSTEM, "user.unassign_role", {"role": "seer"}, target=office.nora.user_id)
    office.work(hours=11)
    assert office.files() == []
    office.crm.run(SYSTEM, "user.assign_role", {"role": "seer"}, target=office.nora.user_id)
    office.crm.run(SYSTEM, "user.deactivate", target=office.nora.user_id)
    office.work(days=7)
    assert office.files() == []


def test_missed_times_are_made_up_for_once(office: Office) -> None:
    """Three weeks without a worker are one report."""
    office.schedule(office.nora)
    office.work(weeks=3)
    assert len(office.files()) == 1


def test_old_files_go(office: Office) -> None:
    """When they have been kept as long as was said; those of others stay."""
    office.schedule(office.nora, keep_days=10)
    office.work(hours=11)
    (first,) = office.files()
    other = first.with_name("mine-2020-01-01-0000.json")
    other.write_text("{}")
    old = (office.now[0] - timedelta(days=1)).timestamp()
    for path in (first, other):
        os.utime(path, (old, old))
    office.work(days=14)
    assert first not in office.files()
    assert other in office.files()


def test_only_who_may_read_reports_schedules_them_and_for_himself(office: Office) -> None:
    """For somebody else it needs more; the command line names the recipient."""
    with pytest.raises(Refused):
        office.schedule(office.otto)
    with pytest.raises(Refused, match=r"definition\.admin"):
        office.schedule(office.nora, recipient="otto")
    with pytest.raises(InvalidInput, match="Say which user"):
        office.schedule(SYSTEM)
    assert office.schedule(SYSTEM, recipient="nora").recipient == "nora"
    with office.crm.session(office.otto) as session:
        assert schedules(session) == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"cron": "soon"}, "cron"),
        ({"cron": "0 0 30 2 *"}, "cron"),
        ({"name": "../up"}, "name"),
        ({"format": "doc"}, "format"),
        ({"parameters": {"dimension": "tipe"}}, "dimension"),
    ],
)
def test_what_could_not_be_made_is_not_scheduled(office: Office, changed: dict[str, Any], field: str) -> None:
    """It is tried at once, and the mistake has its field."""
    with pytest.raises(InvalidInput) as caught:
        office.schedule(office.nora, **changed)
    assert [problem.field for problem in caught.value.problems] == [field]


def test_a_schedule_can_be_ended(office: Office) -> None:
    """By its recipient; nothing is made any more."""
    office.schedule(office.nora)
    office.crm.run(office.nora, "report.unschedule", {"name": "weekly"})
    office.work(days=8)
    assert office.files() == []
    with pytest.raises(NotFound):
        office.crm.run(office.nora, "report.unschedule", {"name": "weekly"})


def test_times_are_those_where_the_company_is() -> None:
    """Half past six in Shanghai is half past ten the evening before in UTC."""
    found = next_tick("30 6 * * *", datetime(2026, 6, 7, 12, tzinfo=UTC), "Asia/Shanghai")
    assert found == datetime(2026, 6, 7, 22, 30, tzinfo=UTC)
