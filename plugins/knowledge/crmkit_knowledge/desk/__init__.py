"""Where staff work with articles: the home of the base, the page of an article, its editor, comparisons, and queues."""
