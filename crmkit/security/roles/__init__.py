"""Roles: those that crmkit ships, and the operations by which an admin makes and gives them."""
