"""Pictures of networks, trainings and searches, and the report that holds them all in one file."""

from .diagram import draw

__all__ = ["draw"]
