"""What people call the models that can be fitted. Must not import anything."""

from __future__ import annotations

NAMES = {
    "bg-nbd": "value.bg_nbd",
    "pareto-nbd": "value.pareto_nbd",
    "gamma-gamma": "value.gamma_gamma",
    "shifted-beta": "value.shifted_beta",
}
"""Names of models, each with that of its kind."""
