from .boundary_warnings import BoundaryWarning as BoundaryWarning
from .hypermodel import HyperSpec as HyperSpec
from .strategies import StagedOracle as StagedOracle
from .search_result import SearchResult as SearchResult
from .searching import search as search
from .store import Record as Record
from .tuner import ReuseTuner as ReuseTuner
