"""Hearthbot: everything that is not an edge."""
