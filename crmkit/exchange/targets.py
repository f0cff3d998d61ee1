"""Makes the target of a plan: what builds and writes the units of its resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.exchange.convert import Converter, Reading
from crmkit.exchange.customer_values import CustomerBuilder, CustomerDefaults
from crmkit.exchange.customers_in import CustomerTarget
from crmkit.exchange.export_rows import is_own
from crmkit.exchange.options import ImportPlan
from crmkit.exchange.units import Policy, Target

if TYPE_CHECKING:
    from crmkit.core.business.config import Config


def make_target(plan: ImportPlan, config: Config, *, rehearsal: bool = False) -> Target:
    """Return the target of a plan; a rehearsal knows nothing of custom fields that are yet to be made."""
    options = plan.options
    reading = Reading(
        zone=options.zone or config.zone,
        currency=options.currency or config.base_currency,
        # What crmkit itself has written is read to the letter.
        exact=is_own(plan.resource, [one.column for one in plan.columns]),
    )
    converter = Converter(plan.columns, reading)
    policy = Policy(
        on_duplicate=options.on_duplicate,
        source=options.source,
        create_customers=options.create_customers,
        owner_id=plan.owner_id,
        tags=options.tags,
        file=plan.sha256[:16],
    )
    if plan.resource == "customers":
        known = config.custom_fields.get("customer", {})
        defaults = CustomerDefaults(
            kind=plan.kind,
            source=options.source,
            region=plan.region,
            company_region=config.country,
            identity_kind=plan.identity_kind,
            custom=frozenset(known) if rehearsal else None,
            withdrawn=plan.withdrawn,
            leave_out=options.bad_cells == "leave_out",
        )
        builder = CustomerBuilder(plan.columns, converter, defaults)
        return CustomerTarget(builder, policy, converter.column_of, rehearsal=rehearsal)
    from crmkit.exchange.interactions_in import InteractionTarget, PurchaseTarget
    from crmkit.exchange.products_in import ProductTarget

    if plan.declared is not None:
        from crmkit.exchange.records_in import RecordTarget

        return RecordTarget(
            plan.declared,
            converter,
            policy,
            region=plan.region,
            currency=reading.currency,
            withdrawn=plan.withdrawn,
        )
    if plan.resource == "products":
        return ProductTarget(converter, policy)
    made = PurchaseTarget if plan.resource == "purchases" else InteractionTarget
    return made(converter, policy, region=plan.region, currency=reading.currency)
