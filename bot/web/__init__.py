"""The small HTTP side."""
