"""The customer's own preferences: what may be sent to whom, for which purpose and by which channel.

What is changed there goes into the consent ledger by the operation that everybody uses, with the page as its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen
from sqlalchemy import select

from crmkit.core.customers.consents import EVERY, ConsentStates, consents_at
from crmkit.core.customers.models import ContactPoint, Customer
from crmkit.core.store.session import CrmSession
from crmkit.errors import LinkClosed
from crmkit.hooks.contributions import PublicPage, Visit
from crmkit.i18n import texts

_ = texts("crmkit")

SOURCE = "public:preferences"
"""What the ledger says an entry comes from."""


@frozen(kw_only=True)
class Choice:
    """One thing that a customer can allow: a purpose by a channel. ``key`` names it in the form."""

    key: str
    purpose: str
    channel: str
    allowed: bool


@frozen(kw_only=True)
class ChannelShown:
    """A channel with its title and a contact point that belongs to the customer, masked."""

    name: str
    title: str
    address: str = ""


@frozen(kw_only=True)
class PurposeShown:
    """A purpose with its title and what can be chosen for it, by channel in the order of the channels."""

    name: str
    title: str
    choices: tuple[Choice, ...]


def show(session: CrmSession, visit: Visit) -> Mapping[str, Any]:
    """Return what a customer allows now, by purpose and channel, and the customer's name."""
    customer = _customer(session, visit)
    channels = _channels(session, customer)
    states = _states(session, customer)
    purposes = tuple(
        PurposeShown(
            name=name,
            title=title,
            choices=tuple(
                Choice(
                    key=f"{name}:{channel.name}",
                    purpose=name,
                    channel=channel.name,
                    allowed=states.allows(name, channel.name),
                )
                for channel in channels
            ),
        )
        for name, title in _purposes(session)
    )
    return {
        "name": customer.name,
        "channels": channels,
        "purposes": purposes,
        "any_allowed": any(state.granted for state in states.states),
    }


def submit(session: CrmSession, visit: Visit, values: Mapping[str, tuple[str, ...]]) -> None:
    """Record what differs from what holds; "nothing" withdraws everything, whatever is ticked."""
    customer = _customer(session, visit)
    states = _states(session, customer)
    changes: list[tuple[str, str, bool]] = []
    if "nothing" in values:
        # By every channel, so that an earlier consent for one of them does not stand.
        given = {state.purpose for state in states.states if state.granted}
        changes = [(purpose, EVERY, False) for purpose in sorted(given)]
    else:
        wanted = set(values.get("allow", ()))
        for purpose, _title in _purposes(session):
            for channel in _channels(session, customer):
                want = f"{purpose}:{channel.name}" in wanted
                if want != states.allows(purpose, channel.name):
                    changes.append((purpose, channel.name, want))
    for purpose, channel, granted in changes:
        entry = {"purpose": purpose, "channel": channel, "granted": granted, "source": SOURCE}
        session.run("consent.record", entry, target=customer)


def _customer(session: CrmSession, visit: Visit) -> Customer:
    customer = session.get(Customer, visit.customer_id) if visit.customer_id is not None else None
    if customer is None:
        raise LinkClosed()
    return customer


def _states(session: CrmSession, customer: Customer) -> ConsentStates:
    return consents_at(session, customer.id, session.gate.clock.business_now())


def _purposes(session: CrmSession) -> list[tuple[str, str]]:
    return list(session.crm.config.get(session).options.get("consent_purpose", {}).items())


def _channels(session: CrmSession, customer: Customer) -> tuple[ChannelShown, ...]:
    """Return the channels for which the customer can be reached, or one that stands for all of them."""
    points = list(
        session.scalars(
            select(ContactPoint)
            .where(ContactPoint.customer_id == customer.id)
            .order_by(ContactPoint.position, ContactPoint.id)
        )
    )
    shown: list[ChannelShown] = []
    for name, channel in session.gate.registry.tables["channel"].items():
        point = next((each for each in points if each.kind == channel.contact_kind), None)
        if point is not None:
            shown.append(ChannelShown(name=name, title=channel.title, address=str(point.value)))
    return tuple(shown) or (ChannelShown(name=EVERY, title=_("Every way")),)


PREFERENCES = PublicPage(
    name="preferences",
    title=_("Your preferences"),
    template="public/preferences.html",
    show=show,
    submit=submit,
    rights=("customer.read", "customer.update"),
    expires=365,
)
"""The page on which a customer says what may be sent."""
