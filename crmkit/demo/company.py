"""Makes the demonstration company the way its admin would: an installation, then imports of the shop's files.

Nothing here writes to the database by itself; what was interrupted goes on at the next call.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from crmkit.core.store.actor import Actor
from crmkit.demo import files, rewarding
from crmkit.errors import HomeError
from crmkit.i18n import texts
from crmkit.profile import refuse_demonstration
from crmkit.settings import FILE, Settings

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.cli.invocation import Invocation

_ = texts("crmkit")

CLOCK = datetime(2011, 12, 10, tzinfo=UTC)
"""The instant at which the company's time stands still: the day after its last purchase."""
FOLDER = "crmkit-demo"
SOURCE = "shop"
BUSINESS = {
    "name": "Lantern & Lace",
    "base_currency": "GBP",
    "zone": "Europe/London",
    "country": "GB",
    "city": "London",
    "fiscal_year_start": 4,
}


@frozen
class _Step:
    """One file of the shop: how it is written, what it holds, and what people call it."""

    file: str
    write: Callable[[Any], int]
    resource: Any
    title: str


_STEPS = (
    _Step("customers.csv", files.write_customers_csv, "customers", _("Customers")),
    _Step("products.csv", files.write_products_csv, "products", _("Products")),
    _Step("purchases.csv", files.write_purchases_csv, "purchases", _("Purchases")),
    _Step("refunds.csv", files.write_refunds_csv, "purchases", _("Refunds")),
)


def make(cli: Invocation) -> None:
    """Make the company in the folder that is named, or in ``crmkit-demo``. Raises HomeError when that folder is an
    installation of somebody else's."""
    home = cli.home or Path.cwd() / FOLDER
    refuse_demonstration(Settings.from_home(home) if (home / FILE).exists() else None, os.environ)
    cli.home_option = str(home)
    if (home / FILE).exists():
        if Settings.from_home(home).clock != CLOCK:
            raise HomeError(
                _("{home} is an installation already, and not a demonstration."),
                fix=_("Name another folder with --home."),
                home=home,
            )
    else:
        _init(home, cli.language)
    crm = cli.crm
    actor = Actor.system("demonstration")
    _enable_plugins(cli, crm)
    rewarding.begin(cli)
    with tempfile.TemporaryDirectory(prefix="crmkit-demo-") as folder:
        for step in _STEPS:
            _import(cli, actor, step, Path(folder))


def _init(home: Path, language: str) -> None:
    from crmkit.app import CRM

    for folder in (home, home / "data", home / "keys"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = [
        "# The demonstration company: its time stands still, so that what it shows is the same every day.",
        'database = "sqlite:///data/crmkit.db"',
        f'clock = "{CLOCK.isoformat()}"',
        f'language = "{language}"',
        "",
    ]
    text = "\n".join(lines)
    with CRM.init(Settings.from_mapping({"clock": CLOCK}, home=home)) as crm:
        crm.run(Actor.system("demonstration"), "business.configure", {**BUSINESS, "language": language})
    # Last: a folder is an installation only once its database is there.
    path = home / FILE
    path.write_text(text, "utf-8")
    path.chmod(0o600)


def _enable_plugins(cli: Invocation, crm: CRM) -> None:
    from crmkit.lifecycle.enabling import enable, plan_enable

    for found in crm.found:
        if found.manifest is not None and found.name not in crm.dispatcher.plugins:
            plan = plan_enable(crm, found.name)
            if not plan.reasons:
                enable(crm, plan)
                cli.output.say(_("The plugin {name} is enabled."), name=found.name)
    cli.reopen()


def _import(cli: Invocation, actor: Actor, step: _Step, folder: Path) -> None:
    from crmkit.exchange.api import plan_import, run_import
    from crmkit.exchange.options import ImportOptions, Progress

    path = folder / step.file
    step.write(path)
    options = ImportOptions(resource=step.resource, source=SOURCE, make_fields=True)
    plan = plan_import(cli.crm, path, options)
    if plan.imported is not None:
        return
    with cli.output.progress(step.title) as advance:

        def progress(state: Progress) -> None:
            advance(state.bytes, state.total_bytes)

        report = run_import(cli.crm, actor, plan, progress)
    cli.output.say(
        _("{title}: {created} made from {read} rows in {seconds} s, {rejected} rejected."),
        title=cli.text(step.title),
        created=f"{report.created:,}",
        read=f"{report.read:,}",
        seconds=f"{report.seconds:.1f}",
        rejected=f"{report.rejected:,}",
    )
