"""The designer: flows drawn in the browser, node by node."""
