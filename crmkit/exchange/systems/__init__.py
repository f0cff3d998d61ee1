"""The exports of other systems: what their columns are called, what they mean here, and by what a file is known.

One module for each system, facts alone; `crmkit.exchange.systems.recognition` compares a file's headings with them.
Must not know files, rows or databases.
"""
