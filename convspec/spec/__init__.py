"""The spec document: reading, checking and expanding it."""
