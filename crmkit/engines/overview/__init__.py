"""The whole of a customer in one value: profile, labels with reasons, segments, facts, timeline, panels of plugins."""
