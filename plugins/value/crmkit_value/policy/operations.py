"""Changing by what value is computed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from attrs import frozen
from sqlalchemy import select

from crmkit import UNSET, CrmSession, Input, InvalidInput, UnsetType, given, operation, texts
from crmkit_value.policy.models import CONSENTS, GRADE_MEASURES, GRADINGS, MEASURES, TIES, ValuePolicy

_ = texts("crmkit_value")


@frozen(kw_only=True)
class PolicyUpdate:
    """What is to be changed; what is not given stays."""

    horizon_months: Annotated[
        int | UnsetType, Input(title=_("Months looked ahead"), minimum=1, maximum=120, classified="internal")
    ] = UNSET
    annual_rate: Annotated[
        Decimal | UnsetType, Input(title=_("Interest a year (percent)"), minimum=0, maximum=1000, classified="internal")
    ] = UNSET
    margin_percent: Annotated[
        Decimal | UnsetType,
        Input(title=_("Margin (percent of the amount)"), minimum=0, maximum=100, classified="internal"),
    ] = UNSET
    rfm_bins: Annotated[
        int | UnsetType, Input(title=_("Parts of a score"), minimum=3, maximum=10, classified="internal")
    ] = UNSET
    rfm_cuts: Annotated[
        Mapping[str, Any] | UnsetType,
        Input(
            title=_("Own boundaries"),
            help=_("Ascending, for recency (days), frequency and monetary (minor units); empty for quantiles."),
            classified="internal",
        ),
    ] = UNSET
    rfm_ties: Annotated[
        Literal["half_open", "strictly_below"] | UnsetType,
        Input(title=_("Values at a boundary"), choices=TIES, classified="internal"),
    ] = UNSET
    rfm_measure: Annotated[
        Literal["net", "margin"] | UnsetType,
        Input(title=_("Value that is scored"), choices=MEASURES, classified="internal"),
    ] = UNSET
    rfm_segments: Annotated[
        tuple[Mapping[str, Any], ...] | UnsetType,
        Input(
            title=_("Names of segments"),
            help=_("In order, each with a name and from which to which score of recency, frequency and monetary."),
            classified="internal",
        ),
    ] = UNSET
    grade_by: Annotated[
        Literal["purchase.net_amount", "value.revenue_365", "value.contribution_365", "value.clv"] | UnsetType,
        Input(title=_("Graded by"), choices=GRADE_MEASURES, classified="internal"),
    ] = UNSET
    grading: Annotated[
        Literal["abc", "quantile", "absolute"] | UnsetType,
        Input(title=_("How grades are made"), choices=GRADINGS, classified="internal"),
    ] = UNSET
    grade_cuts: Annotated[
        tuple[Decimal, ...] | UnsetType,
        Input(
            title=_("Boundaries of grades"),
            help=_("Two, for A and B: percent of the whole (80, 95) or of the customers (20, 50), or minor units."),
            classified="internal",
        ),
    ] = UNSET
    grade_margin: Annotated[
        Decimal | UnsetType,
        Input(title=_("Margin around boundaries (percent)"), minimum=0, maximum=50, classified="internal"),
    ] = UNSET
    offer_days: Annotated[
        int | UnsetType,
        Input(title=_("Days of purchases that offers go by"), minimum=1, maximum=36_600, classified="internal"),
    ] = UNSET
    offer_together: Annotated[
        int | UnsetType, Input(title=_("Customers who bought both, at least"), minimum=1, classified="internal")
    ] = UNSET
    offer_lift: Annotated[
        Decimal | UnsetType, Input(title=_("Least lift"), minimum=0, maximum=1000, classified="internal")
    ] = UNSET
    offer_gap_days: Annotated[
        int | UnsetType,
        Input(title=_("Usual gap where it is not known (days)"), minimum=1, maximum=36_600, classified="internal"),
    ] = UNSET
    offers_each: Annotated[
        int | UnsetType, Input(title=_("Offers for each customer"), minimum=1, maximum=20, classified="internal")
    ] = UNSET
    offer_consent: Annotated[
        Literal["not_withdrawn", "granted"] | UnsetType,
        Input(title=_("To whom is offered"), choices=CONSENTS, classified="internal"),
    ] = UNSET
    offer_purpose: Annotated[
        str | UnsetType, Input(title=_("Purpose of consent"), max_length=60, classified="internal")
    ] = UNSET


@operation(
    "value.policy.configure", title=_("Change by what value is computed"), permission="value.policy.manage",
    effect="update",
)  # fmt: skip
def configure(session: CrmSession, changes: PolicyUpdate) -> ValuePolicy:
    """Change by what value is computed; it counts from the next computation on. Raises InvalidInput for boundaries
    that do not ascend, and for names of segments whose scores are none."""
    from crmkit_value.grades.grading import checked_cuts
    from crmkit_value.rfm.scores import checked_boundaries, segments_of

    policy = policy_of(session)
    for name, value in given(changes).items():
        setattr(policy, name, list(value) if isinstance(value, tuple) else value)
    policy.rfm_cuts = checked_boundaries(policy.rfm_cuts, policy.rfm_bins)
    segments_of(policy.rfm_segments, policy.rfm_bins)
    policy.grade_cuts = [str(each) for each in checked_cuts(policy.grade_cuts, policy.grading)]
    if policy.rfm_measure not in MEASURES:
        raise InvalidInput(_("The value that is scored is one of: {known}."), known=", ".join(MEASURES))
    session.add(policy)
    return policy


def policy_of(session: CrmSession) -> ValuePolicy:
    """Return by what value is computed: as somebody has said, or as it is usual, which is in no table yet."""
    known = session.scalar(select(ValuePolicy).order_by(ValuePolicy.id).limit(1))
    return known if known is not None else usual()


def usual() -> ValuePolicy:
    """Return the policy of who has said nothing."""
    return ValuePolicy(
        horizon_months=12,
        annual_rate=Decimal(10),
        margin_percent=Decimal(100),
        rfm_bins=5,
        rfm_cuts={},
        rfm_ties="half_open",
        rfm_measure="net",
        rfm_segments=[],
        grade_by="purchase.net_amount",
        grading="abc",
        grade_cuts=[],
        grade_margin=Decimal(5),
        offer_days=730,
        offer_together=5,
        offer_lift=Decimal("1.2"),
        offer_gap_days=180,
        offers_each=3,
        offer_consent="not_withdrawn",
        offer_purpose="marketing",
    )


OPERATIONS = [configure]
