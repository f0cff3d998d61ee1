"""The audit log for those who answer for it: verifying it, checkpoints outside the database, lists, reports, proofs.

Records are written by the kernel (`crmkit.core.operations.auditing`); nothing here changes one.
"""
