"""Warnings: who is to be looked after now, why, by whom, and how right the warnings were."""
