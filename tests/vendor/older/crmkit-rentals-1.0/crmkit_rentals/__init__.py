"""Rentals, a plugin for crmkit."""
