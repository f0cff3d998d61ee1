"""Files of articles: pictures that stand in their texts, and what can be taken along."""
