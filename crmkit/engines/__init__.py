"""What decides, on top of the core, for all plugins: expressions, facts, classification, segments, rules, reports,
statistics, search.

Every room beside the module ``builtin`` is a package with a module ``catalogue`` that names what it registers, and,
where it has tables, a module ``tables``.
"""
