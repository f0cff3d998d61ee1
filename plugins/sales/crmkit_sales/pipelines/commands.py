"""``crmkit sales pipelines`` and ``crmkit sales missing``: the stages that there are, and what an opportunity lacks."""

from __future__ import annotations

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command

_ = texts("crmkit_sales")


def add_to(sales: click.Group) -> None:
    """Add the commands of this room to a group."""

    @command(sales, "pipelines", _("List pipelines with the stages that new opportunities go through."))
    def pipelines(cli: Invocation) -> None:
        """Print the published stages of all active pipelines."""
        from sqlalchemy import select

        from crmkit_sales.pipelines.pipeline_models import Pipeline, PipelineVersion, Stage

        with cli.session() as session:
            query = (
                select(Pipeline, PipelineVersion, Stage)
                .join(PipelineVersion, PipelineVersion.pipeline_id == Pipeline.id)
                .join(Stage, Stage.version_id == PipelineVersion.id)
                .where(Pipeline.active, PipelineVersion.state == "published")
                .order_by(Pipeline.usual.desc(), Pipeline.name, Stage.position, Stage.id)
            )
            rows = [
                {
                    "pipeline": pipeline.name,
                    "version": version.number,
                    "stage": stage.name,
                    "title": stage.title,
                    "kind": stage.kind,
                    "probability": stage.probability,
                    "category": stage.category,
                    "rot_days": stage.rot_days,
                    "entry": stage.entry,
                    "exit": stage.exit,
                }
                for pipeline, version, stage in session.execute(query)
            ]
        columns = (
            Column("pipeline", _("Pipeline")),
            Column("stage", _("Name")),
            Column("title", _("Stage")),
            Column("kind", _("Kind")),
            Column("probability", _("Probability (percent)")),
            Column("category", _("Forecast category")),
        )
        cli.output.table(columns, rows, empty=_("There is no pipeline."))

    @command(sales, "missing", _("Say what an opportunity lacks for its next stage, by its number."))
    @click.argument("number", type=click.IntRange(1))
    def missing(cli: Invocation, number: int) -> None:
        """Print each criterion that is not met."""
        from sqlalchemy import select

        from crmkit import NotFound
        from crmkit_sales.pipelines.guards import ahead
        from crmkit_sales.pipelines.models import Opportunity

        with cli.session() as session:
            found = session.scalar(select(Opportunity).where(Opportunity.number == number))
            if found is None:
                raise NotFound(_("There is no opportunity {number}."), number=number)
            stage, problems = ahead(session, found)
            rows = [
                {"stage": stage.name if stage else None, "field": each.field, "missing": each.render(cli.language)}
                for each in problems
            ]
        cli.output.table((Column("missing", _("Missing")),), rows, empty=_("Nothing is missing."))
