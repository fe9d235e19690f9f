"""The spec document: reading, checking and expanding it, and the catalogue of those that ship."""

from .catalogue import list_specs
from .faults import Fault, FaultError
from .loading import load
from .spec import Spec

__all__ = ["Fault", "FaultError", "Spec", "list_specs", "load"]
