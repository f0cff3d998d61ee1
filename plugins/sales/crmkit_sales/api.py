"""What other plugins may import of sales; everything else may change at any time."""

from __future__ import annotations

from crmkit_sales.contracts.events import ContractActivated, ContractEnded, ContractRenewed, NoticeGiven
from crmkit_sales.contracts.models import Contract
from crmkit_sales.leads.capturing import capture
from crmkit_sales.leads.events import (
    LeadAccepted,
    LeadClosed,
    LeadConverted,
    LeadOpened,
    LeadQualified,
    LeadRejected,
)
from crmkit_sales.leads.inputs import NewInquiry
from crmkit_sales.leads.models import Inquiry, Lead, LeadSource
from crmkit_sales.offers.events import OfferAnswered
from crmkit_sales.offers.reading import Offer, offers_of
from crmkit_sales.orders.events import GoodsReturned, OrderCancelled, OrderConfirmed, OrderKeptBack, OrderMoved
from crmkit_sales.orders.models import Order
from crmkit_sales.pipelines.closing import lose_opportunity, reopen_opportunity, win_opportunity
from crmkit_sales.pipelines.events import OpportunityCreated, OpportunityLost, OpportunityMoved, OpportunityWon
from crmkit_sales.pipelines.models import Opportunity
from crmkit_sales.pipelines.operations import (
    create_opportunity,
    move_opportunity,
    remove_opportunity,
    update_opportunity,
)
from crmkit_sales.pipelines.stages import OPEN, STAGES
from crmkit_sales.prices.finding import PriceFound, price_for
from crmkit_sales.prices.money import Conditions, Position, Totals, totals
from crmkit_sales.quotes.events import QuoteAccepted, QuoteDeclined, QuoteExpired, QuoteSent
from crmkit_sales.quotes.models import Quote
from crmkit_sales.scoring.events import LeadCrossed
from crmkit_sales.scoring.reading import Explained, explained, explained_as_of

__all__ = [
    "OPEN",
    "STAGES",
    "Conditions",
    "Contract",
    "ContractActivated",
    "ContractEnded",
    "ContractRenewed",
    "Explained",
    "GoodsReturned",
    "Inquiry",
    "Lead",
    "LeadAccepted",
    "LeadClosed",
    "LeadConverted",
    "LeadCrossed",
    "LeadOpened",
    "LeadQualified",
    "LeadRejected",
    "LeadSource",
    "NewInquiry",
    "NoticeGiven",
    "Offer",
    "OfferAnswered",
    "Opportunity",
    "OpportunityCreated",
    "OpportunityLost",
    "OpportunityMoved",
    "OpportunityWon",
    "Order",
    "OrderCancelled",
    "OrderConfirmed",
    "OrderKeptBack",
    "OrderMoved",
    "Position",
    "PriceFound",
    "Quote",
    "QuoteAccepted",
    "QuoteDeclined",
    "QuoteExpired",
    "QuoteSent",
    "Totals",
    "capture",
    "create_opportunity",
    "explained",
    "explained_as_of",
    "lose_opportunity",
    "move_opportunity",
    "offers_of",
    "price_for",
    "remove_opportunity",
    "reopen_opportunity",
    "totals",
    "update_opportunity",
    "win_opportunity",
]
