"""What is asked of the books, by noun, and its SQL; no rule stands here, and nothing decides."""
