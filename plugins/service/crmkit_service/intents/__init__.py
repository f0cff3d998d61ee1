"""What a case is about, as far as its first words tell: a suggestion with a probability, which a person confirms."""
