"""Rules as data: when something happens, if a condition holds, then operations, within limits, each explained."""
