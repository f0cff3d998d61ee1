"""What is known for customers and about them: articles, from the first draft to their last verification."""
