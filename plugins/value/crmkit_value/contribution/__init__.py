"""What customers have brought: revenue, margin, what it cost to serve them, and to win them."""
