"""Pictures of networks, trainings and searches, and the report that holds them all in one file."""

from ..diagram.picture import draw
from .search_pictures import search_pictures

__all__ = ["draw", "search_pictures"]
