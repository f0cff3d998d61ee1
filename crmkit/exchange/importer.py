"""Runs a planned import: batch by batch, each with its progress in one transaction, so that a kill loses nothing and
going on repeats nothing.

Must not know resources. Memory stays flat whatever the file's size.
"""

from __future__ import annotations

import contextlib
import gc
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field

from crmkit.errors import AlreadyExists, ImportConflict, MappingError
from crmkit.exchange.learning import worth_keeping
from crmkit.exchange.operations import StartInput, Work
from crmkit.exchange.options import BATCH, Counts, ImportPlan, ImportReport, Progress, ProgressCallback
from crmkit.exchange.plan import reopen, settings_of
from crmkit.exchange.readers import RowSource
from crmkit.exchange.rehearsal import Sink, try_batch
from crmkit.exchange.rejects import Rejects, reserve_path
from crmkit.exchange.rows import Row
from crmkit.exchange.tables import ImportRun
from crmkit.exchange.targets import make_target
from crmkit.exchange.units import Built, Grouped, Target, batches, single_rows
from crmkit.hooks.feeds import Feed, FeedCounts, FeedRow
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.core.store.actor import Actor

_ = texts("crmkit")

_ATTEMPTS = 3


def run_import(crm: CRM, actor: Actor, plan: ImportPlan, progress: ProgressCallback | None = None) -> ImportReport:
    """Import a file as planned, or go on with the import of it that was interrupted.

    ``progress`` is called after each batch. Raises ImportConflict for a file that was imported in the same way before
    (unless ``options.again``) or that another process is importing, MappingError for new custom fields that nobody
    agreed to, and what plugins raise that refuse the file.
    """
    began = time.monotonic()
    if plan.imported is not None and plan.resumes is None and not plan.options.again:
        raise ImportConflict(
            _('"{file}" was imported in the same way before.'),
            fix=_("Take that import back first, or import it --again."),
            file=plan.file_name,
        )
    plan = without_proposals(plan)
    crm.dispatcher.collect("crmkit_check_feed", crm=crm, actor=actor, feed=_feed(crm, actor, plan))
    source = reopen(plan)
    _make_fields(crm, actor, plan)
    run = _begin(crm, actor, plan)
    kept = worth_keeping(plan) if plan.resumes is None else None
    if kept is not None:
        crm.run(actor, "import.mapping.keep", kept)
    resumed = plan.resumes is not None
    target = make_target(plan, crm.business())
    path = Path(run.rejected_file) if run.rejected_file else None
    rejects = Rejects(path, source, plan.format)
    try:
        rejects.resume(run.rejected_bytes)
        clock = _Clock(plan.size, progress, began, run.rows_read)
        position = run.position
        left_out: Counter[str] = Counter()
        with _light_collection(), _units(plan, source, position) as units:
            for batch in batches(units, BATCH):
                built = build(target, batch)
                work = Work(
                    target=target,
                    units=built,
                    rejects=rejects,
                    position=position,
                    byte_position=source.position,
                    language=plan.options.language,
                )
                _write_batch(crm, actor, run, work)
                left_out.update(one.message for unit in built for one in unit.left_out)
                position += len(built)
                clock.tell(built, source.position)
        run = crm.run(actor, "import.finish", target=run.id)
        rejects.discard()
    finally:
        rejects.close()
    return ImportReport(
        read=run.rows_read,
        created=run.created,
        updated=run.updated,
        duplicates=run.duplicates,
        rejected=run.rejected,
        rejected_file=path if run.rejected else None,
        import_id=run.id,
        seconds=time.monotonic() - began,
        resumed=resumed,
        reasons=dict(rejects.reasons),
        left_out=dict(left_out),
    )


def rehearse_import(
    crm: CRM,
    actor: Actor,
    plan: ImportPlan,
    progress: ProgressCallback | None = None,
    *,
    details: Sink | None = None,
) -> ImportReport:
    """Return what importing a file would do: every row is validated and looked up, and nothing is kept.

    ``details`` is told what would become of each row, in the order of the file.
    """
    began = time.monotonic()
    target = make_target(plan, crm.business(), rehearsal=True)
    source = reopen(plan)
    rejects = Rejects(None, source, plan.format)
    clock = _Clock(plan.size, progress, began, 0)
    left_out: Counter[str] = Counter()
    with _units(plan, source, 0) as units:
        for batch in batches(units, BATCH):
            built = build(target, batch)
            work = Work(target=target, units=built, rejects=rejects, position=0, byte_position=0)
            try_batch(crm, actor, work, language=plan.options.language, sink=details)
            for unit in built:
                if unit.result == "rejected":
                    rejects.count(unit.problems)
                left_out.update(one.message for one in unit.left_out)
            clock.tell(built, source.position)
    done = clock.counts
    return ImportReport(
        read=done.read,
        created=done.created,
        updated=done.updated,
        duplicates=done.duplicates,
        rejected=done.rejected,
        rejected_file=None,
        import_id=None,
        seconds=time.monotonic() - began,
        dry_run=True,
        reasons=dict(rejects.reasons),
        left_out=dict(left_out),
    )


def _feed(crm: CRM, actor: Actor, plan: ImportPlan) -> Feed:
    """Return a plan's file as plugins see it."""

    def rows() -> Iterator[FeedRow]:
        target = make_target(plan, crm.business(), rehearsal=True)
        with reopen(plan) as source:
            for row in source:
                unit = target.build((row,))
                values = {name: value for name, value in unit.values.items() if name != "_"}
                yield FeedRow(line=row.line, values=values, problems=tuple(unit.problems))

    def rehearse() -> FeedCounts:
        done = rehearse_import(crm, actor, plan)
        return FeedCounts(
            read=done.read,
            created=done.created,
            updated=done.updated,
            duplicates=done.duplicates,
            rejected=done.rejected,
        )

    return Feed(
        source=plan.options.source,
        resource=plan.resource,
        file_name=plan.file_name,
        headings=tuple(one.column for one in plan.columns),
        fields=plan.mapped,
        resumed=plan.resumes is not None,
        rows=rows,
        rehearse=rehearse,
    )


def _write_batch(crm: CRM, actor: Actor, run: ImportRun, work: Work) -> None:
    for _attempt in range(_ATTEMPTS):
        with contextlib.suppress(AlreadyExists):
            crm.run(actor, "import.batch", work, target=run.id)
            return
        # Somebody else has added the same meanwhile: now it is there to be found.
    crm.run(actor, "import.batch", work, target=run.id)


def build(target: Target, batch: list[tuple[Row, ...]]) -> list[Built]:
    """Return the units of a batch with their values, before any transaction is open."""
    built = [target.build(rows) for rows in batch]
    for unit in built:
        unit.flawed = unit.result is not None
    return built


@contextlib.contextmanager
def _light_collection() -> Iterator[None]:
    """Keep the garbage collector from going through all of the libraries' objects again and again, as the many
    short-lived values of each batch make it do: a fifth of an import's time. Whose process keeps them out already is
    left alone: there is but one switch for all."""
    if gc.get_freeze_count():
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextlib.contextmanager
def _units(plan: ImportPlan, source: RowSource, skip: int) -> Iterator[Iterator[tuple[Row, ...]]]:
    fields = {one.field: at for at, one in enumerate(plan.columns) if one.field}
    if plan.resource == "purchases" and "invoice" in fields:
        grouped = Grouped(source, [fields[name] for name in ("invoice", "source") if name in fields])
        try:
            yield grouped.after(skip)
        finally:
            grouped.close()
    else:
        source.skip_to(skip)
        yield single_rows(source)


def without_proposals(plan: ImportPlan) -> ImportPlan:
    """Return a plan without the custom fields that nobody asked for, where nobody agreed to making them."""
    if plan.options.make_fields:
        return plan
    proposed = {f"custom.{one.name}" for one in plan.new_fields if one.proposed}
    return evolve(
        plan,
        columns=tuple(evolve(one, field=None) if one.field in proposed else one for one in plan.columns),
        new_fields=tuple(one for one in plan.new_fields if not one.proposed),
    )


def _make_fields(crm: CRM, actor: Actor, plan: ImportPlan) -> None:
    if not plan.new_fields:
        return
    if not plan.options.make_fields:
        raise MappingError(
            _("The custom fields {names} do not exist yet."),
            fix=_("Agree to making them (--yes), or ignore the columns with --map."),
            names=", ".join(one.name for one in plan.new_fields),
        )
    with crm.transaction(actor) as session:
        for one in plan.new_fields:
            session.run(
                "custom_field.create",
                {
                    "resource": "customer",
                    "name": one.name,
                    "title": one.title,
                    "type": one.type,
                    "field_class": one.field_class,
                },
            )


def _begin(crm: CRM, actor: Actor, plan: ImportPlan) -> ImportRun:
    settings = settings_of(plan)
    running = plan.resumes
    if running is not None:
        run: ImportRun = crm.run(actor, "import.resume", target=running)
        if run.settings != settings:
            raise ImportConflict(
                _('The import of "{file}" that was interrupted had other options.'),
                fix=_("Give the same options to go on, or begin anew with --fresh."),
                file=plan.file_name,
            )
        return run
    path = reserve_path(plan.options.reject_file, plan.origin, plan.format)
    begun = StartInput(
        file_name=plan.file_name,
        sha256=plan.sha256,
        size=plan.size,
        resource=plan.resource,
        source=plan.options.source,
        settings=settings,
        rejected_file=str(path),
        abandon=plan.abandons,
    )
    try:
        made: ImportRun = crm.run(actor, "import.start", begun)
    except BaseException:
        path.unlink()
        raise
    return made


@define
class _Clock:
    """Counts what was done in this run and tells whoever wants to know."""

    total: int
    tell_to: ProgressCallback | None
    began: float
    before: int
    _sums: dict[str, int] = field(factory=lambda: dict.fromkeys(("created", "updated", "duplicate", "rejected"), 0))
    _rows: int = 0

    def tell(self, units: list[Built], position: int) -> None:
        """Count a batch and tell of it."""
        for unit in units:
            self._sums[unit.result or "rejected"] += len(unit.rows)
            self._rows += len(unit.rows)
        if self.tell_to is not None:
            seconds = max(time.monotonic() - self.began, 1e-6)
            self.tell_to(
                Progress(
                    rows=self.before + self._rows,
                    bytes=position,
                    total_bytes=self.total,
                    rate=self._rows / seconds,
                    counts=self.counts,
                )
            )

    @property
    def counts(self) -> Counts:
        """Return what became of the rows of this run."""
        sums: Any = self._sums
        return Counts(
            read=self._rows,
            created=sums["created"],
            updated=sums["updated"],
            duplicates=sums["duplicate"],
            rejected=sums["rejected"],
        )
