"""How a trial is trained."""

from convspec import load
from convspec.tuning.trial import Outcome, Trainer, _Training

from .specs import document


def test_xla_compiles_a_trial_on_a_gpu_or_where_its_recipe_says_so(digits):
    spec = load(document())
    trainer = Trainer(spec.tune, lambda asked: digits)
    found = []
    for compiled, on_gpu in ((False, False), (False, True), (True, False), (True, True)):
        trainer.compiles = on_gpu
        spec = load(document(train={"jit_compile": compiled, "deterministic": False}))
        training = _Training(trainer, spec, 0, 0, Outcome(), lambda rows: None)
        found.append(training.passes.jit_compile)
    assert found == [False, True, True, True]
