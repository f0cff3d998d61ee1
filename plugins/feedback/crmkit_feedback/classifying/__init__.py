"""What feedback is about and what it thinks: themes and sentiment, found by machines and put right by people."""
