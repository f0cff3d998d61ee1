"""The kinds of interaction and the channels that crmkit itself knows; plugins add theirs through the same hooks.

Must not know sessions or tables: a kind is a declaration.
"""

from __future__ import annotations

from crmkit.hooks.contributions import Channel, InteractionKind, PayloadField
from crmkit.i18n import texts

_ = texts("crmkit")

CHANNELS: tuple[Channel, ...] = (
    Channel(name="email", title=_("E-mail"), contact_kind="email"),
    Channel(name="phone", title=_("Telephone"), contact_kind="phone"),
    Channel(name="sms", title=_("Text message"), contact_kind="phone"),
    Channel(name="chat", title=_("Chat"), contact_kind="social"),
    Channel(name="social", title=_("Social media"), contact_kind="social"),
    Channel(name="post", title=_("Post"), contact_kind="address"),
    Channel(name="in_person", title=_("In person")),
    Channel(name="store", title=_("Shop")),
    Channel(name="web", title=_("Web")),
    Channel(name="app", title=_("App")),
    Channel(name="other", title=_("Other")),
)
"""The channels of the kernel. ``contact_kind`` is the contact point that is needed to reach somebody by it."""

KINDS: tuple[InteractionKind, ...] = (
    InteractionKind(
        name="call",
        title=_("Call"),
        channel="phone",
        direction="out",
        payload=(
            PayloadField(name="number", title=_("Number")),
            PayloadField(name="answered", type="boolean", classified="internal", title=_("Answered")),
            PayloadField(name="voicemail", type="boolean", classified="internal", title=_("Voicemail")),
            PayloadField(name="recording_url", title=_("Recording")),
        ),
        description=_("A telephone or video call."),
    ),
    InteractionKind(
        name="email",
        title=_("E-mail"),
        channel="email",
        direction="in",
        payload=(
            PayloadField(name="message_id", classified="internal", title=_("Message id")),
            PayloadField(name="in_reply_to", classified="internal", title=_("In reply to")),
            PayloadField(name="references", type="list", classified="internal", title=_("References")),
            PayloadField(name="headers", type="object", title=_("Headers")),
            PayloadField(name="automatic", type="boolean", classified="internal", title=_("Sent by a machine")),
            PayloadField(name="bounced", type="boolean", classified="internal", title=_("Bounced")),
        ),
        description=_("An e-mail that was received or sent; who it was from and to are its participants."),
    ),
    InteractionKind(
        name="sms",
        title=_("Text message"),
        channel="sms",
        direction="out",
        payload=(
            PayloadField(name="number", title=_("Number")),
            PayloadField(
                name="status",
                options=("queued", "sent", "delivered", "failed"),
                classified="internal",
                title=_("Status"),
            ),
        ),
        description=_("A short text message to or from a telephone."),
    ),
    InteractionKind(
        name="chat",
        title=_("Chat"),
        channel="chat",
        direction="in",
        payload=(
            PayloadField(name="network", classified="internal", title=_("Network")),
            PayloadField(name="account", title=_("Account")),
            PayloadField(name="messages", type="list", title=_("Messages")),
            PayloadField(name="page", classified="internal", title=_("Page")),
        ),
        description=_("A conversation in a chat window or a messenger."),
    ),
    InteractionKind(
        name="social",
        title=_("Social post"),
        channel="social",
        direction="in",
        payload=(
            PayloadField(name="network", classified="internal", title=_("Network")),
            PayloadField(name="account", title=_("Account")),
            PayloadField(name="url", title=_("Address")),
            PayloadField(name="likes", type="integer", classified="internal", title=_("Likes")),
            PayloadField(name="shares", type="integer", classified="internal", title=_("Shares")),
        ),
        description=_("A public post, a comment or a mention."),
    ),
    InteractionKind(
        name="visit",
        title=_("Visit"),
        channel="in_person",
        direction="in",
        payload=(
            PayloadField(name="place", classified="internal", title=_("Place")),
            PayloadField(name="purpose", classified="internal", title=_("Purpose")),
        ),
        description=_("A visit of the customer, or to the customer."),
    ),
    InteractionKind(
        name="meeting",
        title=_("Meeting"),
        channel="in_person",
        direction="out",
        payload=(
            PayloadField(name="place", classified="internal", title=_("Place")),
            PayloadField(name="url", title=_("Address")),
            PayloadField(name="agenda", title=_("Agenda")),
        ),
        description=_("A meeting that was agreed on."),
    ),
    InteractionKind(
        name="web",
        title=_("Web visit"),
        channel="web",
        direction="in",
        payload=(
            PayloadField(name="event", classified="internal", title=_("Event")),
            PayloadField(name="url", title=_("Address")),
            PayloadField(name="referrer", title=_("Came from")),
            PayloadField(name="campaign", classified="internal", title=_("Campaign")),
            PayloadField(name="session", title=_("Visit")),
        ),
        open=True,
        description=_("Something that was done on a web site; further properties may be added."),
    ),
    InteractionKind(
        name="usage",
        title=_("Usage"),
        channel="app",
        direction="in",
        payload=(
            PayloadField(name="feature", classified="internal", title=_("Feature")),
            PayloadField(name="quantity", type="decimal", classified="internal", title=_("Quantity")),
            PayloadField(name="unit", classified="internal", title=_("Unit")),
        ),
        open=True,
        description=_("A feature that was used; further properties may be added."),
    ),
    InteractionKind(
        name="purchase",
        title=_("Purchase"),
        channel="store",
        direction="in",
        payload=(
            PayloadField(name="order", classified="internal", title=_("Order")),
            PayloadField(name="invoice", classified="internal", title=_("Invoice")),
            PayloadField(name="store", classified="internal", title=_("Shop")),
            PayloadField(name="payment", classified="internal", title=_("Paid by")),
            PayloadField(name="coupon", classified="internal", title=_("Coupon")),
            PayloadField(name="discount", type="decimal", classified="internal", title=_("Discount")),
            PayloadField(name="tax", type="decimal", classified="internal", title=_("Tax")),
            PayloadField(name="shipping", type="decimal", classified="internal", title=_("Shipping")),
            PayloadField(name="country", classified="internal", title=_("Country")),
        ),
        money="required",
        lines=True,
        description=_("A purchase: one for each invoice, with its lines."),
    ),
    InteractionKind(
        name="refund",
        title=_("Refund"),
        channel="store",
        direction="out",
        payload=(
            PayloadField(name="reason", classified="internal", title=_("Reason")),
            PayloadField(name="order", classified="internal", title=_("Order")),
            PayloadField(name="invoice", classified="internal", title=_("Invoice")),
            PayloadField(name="payment", classified="internal", title=_("Paid by")),
            PayloadField(name="country", classified="internal", title=_("Country")),
        ),
        money="required",
        lines=True,
        description=_("Money given back; its amount is positive and it says which purchase it is about."),
    ),
    InteractionKind(
        name="note",
        title=_("Note"),
        channel="other",
        direction="internal",
        description=_("What somebody of the staff wrote down."),
    ),
)
"""The kinds of the kernel."""
