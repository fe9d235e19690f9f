"""Pictures of networks: an overview, what their blocks hold, and networks side by side."""

from .picture import draw as draw
