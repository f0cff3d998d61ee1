"""Articles: spaces and categories that they stand in, their revisions from draft to release, and their verification."""
