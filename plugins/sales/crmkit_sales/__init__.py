"""Sales: opportunities on their way through the stages."""
