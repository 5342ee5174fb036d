"""Reading what users paste: which error it shows, who wrote it, and what stands beside it."""
