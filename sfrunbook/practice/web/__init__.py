"""What the practice org's web pages and answers are made of."""
