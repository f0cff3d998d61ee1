"""The shop's pages, and its orders by Django REST framework."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from rest_framework.decorators import api_view, permission_classes
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from crmkit.web.embedding.django import django_connection
from shop.customers import actor_of, crm
from shop.models import Order


@api_view(["POST"])
@permission_classes([IsAuthenticated])
def take_order(request: Any) -> Response:
    """Take an order and tell the customer base of it: both, or neither."""
    with transaction.atomic():
        order = Order.objects.create(customer_id=request.data["customer_id"], amount=request.data["amount"])
        with django_connection() as connection, crm().joined(actor_of(request.user), connection) as session:
            note = {"kind": "note", "customer_id": request.data["customer_id"], "subject": f"Order {order.pk}"}
            session.run("interaction.record", {**note, "source": "shop", "external_id": f"order:{order.pk}"})
        if order.amount <= 0:
            raise ValidationError({"amount": "An order has an amount."})
    return Response({"number": order.pk})
