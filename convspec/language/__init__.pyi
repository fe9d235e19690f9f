from .catalogue import list_specs as list_specs
from .diagnostics import Diagnostic as Diagnostic
from .diagnostics import InputError as InputError
from .loading import load as load
from .spec import Spec as Spec
