"""The time edge: what is due, and what delivers it."""
