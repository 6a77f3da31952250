"""Two questions that are never mixed: whose record is it, and is the writer that person? Pure, no I/O."""
