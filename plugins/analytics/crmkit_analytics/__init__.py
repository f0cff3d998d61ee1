"""Analytics: what customers do, in figures that say what they rest on."""
