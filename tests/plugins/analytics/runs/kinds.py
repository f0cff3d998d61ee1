"""Kinds of models for tests, as a plugin would register them."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from attrs import frozen
from crmkit_analytics.api import FitContext, Fitted, ModelKind, TooLittleData

from crmkit import CRM, Customer, hookimpl


@frozen(kw_only=True)
class Wanted:
    """What the model of the tests may be asked for."""

    error: float = 1.0
    trouble: str = ""


def fit(context: FitContext, wanted: Wanted) -> Fitted:
    """Count customers; its error is the one that is wanted, that of the base line 2."""
    from sqlalchemy import func, select

    if wanted.trouble == "data":
        raise TooLittleData("There are too few customers.")
    if wanted.trouble == "code":
        raise ZeroDivisionError("what a customer wrote")
    context.progress(0.5, "Half of it")
    with context.session() as session:
        number = session.scalar(select(func.count()).select_from(Customer)) or 0
    return Fitted(
        parameters={"seed": context.seed},
        figures={"mae": wanted.error},
        baseline={"mae": 2.0},
        better=wanted.error < 2,
        judged_by="mae",
        rows=number,
        artifact=[1, 2, 3],
    )


KIND = ModelKind(name="sample.count", title="Counting", fit=fit, parameters=Wanted)


def install(crm: CRM) -> None:
    """Have a CRM know the kind, as if a plugin had been enabled."""
    module: Any = ModuleType("crmkit_sample.plugin")
    module.analytics_models = hookimpl(lambda: [KIND])
    sys.modules[module.__name__] = module
    crm.dispatcher.add_plugin("sample", module, checked=True)
