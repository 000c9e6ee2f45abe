"""Samples for people to review: drawn from a delivery, written as sheets, read back as evidence."""
