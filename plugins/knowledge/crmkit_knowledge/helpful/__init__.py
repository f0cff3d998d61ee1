"""What articles are worth to their readers: views, votes, comments, and the articles that are doubted."""
