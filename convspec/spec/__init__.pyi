from .catalogue import list_specs as list_specs
from .faults import Fault as Fault
from .faults import FaultError as FaultError
from .loading import load as load
from .spec import Spec as Spec
