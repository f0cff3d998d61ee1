"""The shop's own tables, which Django migrates."""

from __future__ import annotations

from django.db import models


class Order(models.Model):
    """An order, in cents. ``customer_id`` is the customer's id in crmkit."""

    customer_id = models.UUIDField()
    amount = models.IntegerField()

    class Meta:
        """Where it is kept."""

        app_label = "shop"
