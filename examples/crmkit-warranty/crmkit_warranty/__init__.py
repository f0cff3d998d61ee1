"""Warranties and claims for crmkit."""
