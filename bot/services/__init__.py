"""Use cases: each runs in one transaction and returns what happened."""
