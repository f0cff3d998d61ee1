"""How promising leads are, by fit and by what they did lately."""
