"""Articles that come from what was solved: drafts made of records, and which article helped in which record."""
