"""``crmkit loyalty rewards``, ``redeem`` and ``redemptions``: what points buy, and what was bought."""

from __future__ import annotations

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, customer_id, option
from crmkit_loyalty.rewards.words import STATES

_ = texts("crmkit_loyalty")


def add_to(group: click.Group) -> None:
    """Add the commands to those of loyalty."""
    _add_reading(group)

    @command(group, "redeem", _("Redeem a reward for a customer."))
    @click.argument("customer")
    @click.argument("reward")
    @option("--quantity", type=click.IntRange(1, 100), default=1, metavar="N", help=_("How many (1)."))
    @option("--key", metavar="KEY", default="", help=_("The same command with the same key happens once."))
    def redeem(cli: Invocation, customer: str, reward: str, quantity: int, key: str) -> None:
        """Redeem a reward, and print its codes where it is a voucher."""
        from sqlalchemy import select

        from crmkit_loyalty.rewards.models import Voucher

        values = {"customer_id": customer_id(cli, customer), "reward": reward, "quantity": quantity, "key": key}
        made = cli.run("loyalty.redemption.create", values)
        with cli.session() as session:
            query = select(Voucher.number).where(Voucher.redemption_id == made.id).order_by(Voucher.number)
            codes = list(session.scalars(query))
        cli.output.document({"number": made.number, "points": made.points, "state": made.state, "vouchers": codes})


def _add_reading(group: click.Group) -> None:
    @command(group, "rewards", _("List rewards, the cheapest first."))
    @option("--program", metavar="NAME", default="", help=_("Which programme, where there are several."))
    def rewards(cli: Invocation, program: str) -> None:
        """Print rewards."""
        from sqlalchemy import select

        from crmkit_loyalty.programs.finding import program_named
        from crmkit_loyalty.rewards.models import Reward

        with cli.session() as session:
            query = select(Reward).where(Reward.program_id == program_named(session, program).id)
            rows = [
                {
                    "reward": each.name,
                    "title": each.title,
                    "kind": each.kind,
                    "points": each.points,
                    "stock": each.stock,
                    "active": each.active,
                }
                for each in session.scalars(query.order_by(Reward.points, Reward.name))
            ]
        columns = (
            Column("reward", _("Name")),
            Column("title", _("Title")),
            Column("kind", _("Kind")),
            Column("points", _("Price in points"), align="right"),
            Column("stock", _("In stock"), align="right"),
            Column("active", _("Active")),
        )
        cli.output.table(columns, rows, empty=_("There is nothing to redeem points for yet."))

    @command(group, "redemptions", _("List redemptions, the latest first."))
    @option("--state", type=click.Choice(list(STATES)), help=_("In this state."))
    @option("--limit", type=click.IntRange(1, 1000), default=100, metavar="N", help=_("How many (100)."))
    def redemptions(cli: Invocation, state: str | None, limit: int) -> None:
        """Print redemptions."""
        from sqlalchemy import select

        from crmkit_loyalty.rewards.models import Redemption, Reward

        query = select(Redemption, Reward).join(Reward, Reward.id == Redemption.reward_id)
        if state is not None:
            query = query.where(Redemption.state == state)
        with cli.session() as session:
            rows = [
                {
                    "number": redemption.number,
                    "customer_id": str(redemption.customer_id),
                    "reward": reward.name,
                    "quantity": redemption.quantity,
                    "points": redemption.points,
                    "state": redemption.state,
                    "at": redemption.redeemed_at,
                    "tracking": redemption.tracking,
                }
                for redemption, reward in session.execute(query.order_by(Redemption.number.desc()).limit(limit))
            ]
        columns = (
            Column("number", _("Number"), align="right"),
            Column("at", _("When")),
            Column("reward", _("Reward")),
            Column("points", _("Points"), align="right"),
            Column("state", _("State")),
            Column("tracking", _("Tracking number")),
        )
        cli.output.table(columns, rows, empty=_("There is nothing here"))
