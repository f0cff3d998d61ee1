"""The words of reviews: values that are stored, with the titles that people read. Must not know the database."""

from __future__ import annotations

from typing import Literal

from crmkit import texts

_ = texts("crmkit_experience")

WAITING, DONE, DISPUTED, SETTLED = "waiting", "done", "disputed", "settled"
STATES = {
    WAITING: _("To be done"),
    DONE: _("Done"),
    DISPUTED: _("Disputed"),
    SETTLED: _("Dispute settled"),
}
METHODS = {
    "random": _("By chance"),
    "stratified": _("By chance, in proportion"),
    "risk": _("Where something speaks for it"),
    "asked": _("Asked for"),
    "calibration": _("Calibration"),
}
STRATA = {"channel": _("Channel"), "person": _("Person"), "team": _("Team")}
UNITS = {"interaction": _("Interactions"), "case": _("Cases")}
RISKS = {
    "facts": _("The customer meets a condition"),
    "low_score": _("Low score in a survey"),
    "long": _("Took long"),
    "outcome": _("Bad outcome"),
}
VERDICTS = {"accepted": _("Accepted"), "rejected": _("Rejected")}
CALIBRATIONS = {"open": _("Under way"), "closed": _("Compared")}
CHECK_TITLES = {
    "greeting": _("Greeting"),
    "promise": _("Promises kept"),
    "forbidden": _("No forbidden words"),
    "tone": _("Tone"),
}
SPOKEN = ("call", "email", "sms", "chat", "social", "visit", "meeting")
"""Kinds of interactions that are conversations."""

Method = Literal["random", "stratified", "risk"]
Stratum = Literal["channel", "person", "team"]
Unit = Literal["interaction", "case"]
