from . import architectures as architectures
from . import blocks as blocks
from . import data as data
from .analysis import Analysis as Analysis
from .analysis import analyze as analyze
from .api.bench import bench as bench
from .api.build import build as build
from .api.check import check as check
from .api.compare import compare as compare
from .api.diff import diff as diff
from .api.evaluate import evaluate as evaluate
from .api.explain import explain as explain
from .api.export import export as export
from .api.plot import plot as plot
from .api.predict import predict as predict
from .api.train import train as train
from .api.tune import tune as tune
from .errors import ConvspecError as ConvspecError
from .api.report import report as report
from .language import Diagnostic as Diagnostic
from .language import InputError as InputError
from .language import Spec as Spec
from .language import list_specs as list_specs
from .language import load as load

__version__: str
