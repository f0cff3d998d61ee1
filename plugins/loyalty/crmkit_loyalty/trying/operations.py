"""The operations that try rules: they read, and write nothing. Must not compute anything."""

from __future__ import annotations

from typing import Annotated

from crmkit import CrmSession, Input, operation, texts
from crmkit_loyalty.programs.inputs import ProgramName
from crmkit_loyalty.trying.dry import Tried, Try, Version, try_out
from crmkit_loyalty.trying.whatif import WhatIf, what_if

_ = texts("crmkit_loyalty")

READ = "loyalty.rule_set.read"
Months = Annotated[int, Input(title=_("Months"), minimum=1, maximum=60, classified="internal")]


@operation("loyalty.earning.try", title=_("Try the rules"), permission=READ, hidden=True)
def try_rules(session: CrmSession, said: Try) -> Tried:
    """Say what something would earn by the rules that count or by a draft, with the part of every rule and why others
    give nothing; nothing is written. Raises NotFound, NoRules, InvalidInput, RateMissing."""
    return try_out(session, said)


@operation("loyalty.earning.replay", title=_("Replay past months"), permission=READ, hidden=True)
def replay(session: CrmSession, *, program: ProgramName = "", version: Version = "", months: Months = 12) -> WhatIf:
    """Say what past months would have given under a version of rules, beside what they gave; nothing is written. Raises
    NotFound, NoRules, InvalidInput."""
    return what_if(session, program=program, version=version, months=months)


OPERATIONS = [try_rules, replay]
