"""Notices of crmkit in Feishu (Lark) groups, by their custom robots."""
