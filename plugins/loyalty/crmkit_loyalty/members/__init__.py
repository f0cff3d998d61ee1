"""What members see and do themselves: their page by a signed link."""
