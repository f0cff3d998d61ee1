"""The mathematics of buying and leaving: models, their likelihoods, and what they expect. No database."""
