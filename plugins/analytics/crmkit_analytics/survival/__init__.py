"""How long customers stay: the share that is left by tenure, by group, and how great the danger of leaving is."""
