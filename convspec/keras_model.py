"""The Keras model of a spec: Keras's functional model, which carries the spec into every file and every copy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import keras

from .language.keras_archive import SPEC_ASSET
from .private_names import FUNCTIONAL, FollowsCopies

if TYPE_CHECKING:
    from .language import Spec

CARRIED = "convspec_carried"
"""Where the outputs of a copy hold what its model carries, until the copy is made of them."""


class _Carried:
    """What goes into the spec's file in an archive, and the classes of the layers that it describes."""

    def __init__(self, content: str, model: keras.Model) -> None:
        self.content, self.layers = content, _classes(model)


@keras.saving.register_keras_serializable(package="convspec", name="SpecModel")
class SpecModel(FollowsCopies, keras.Model):
    """A functional model that writes its spec into `.keras` files and reads it from there.

    In a file it is Keras's own functional model: a Keras that has never heard of convspec loads it as one.
    """

    _carried: _Carried | None = None

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for tensor in self.outputs:  # of a clone, which Keras makes of the outputs and this class
            self._carried = getattr(tensor, CARRIED, self._carried)

    def save_assets(self, directory: str) -> None:
        """Write the spec beside the weights, unless the layers are others by now than the spec's."""
        if self._carried is not None and self._carried.layers == _classes(self):
            (Path(directory) / SPEC_ASSET).write_text(self._carried.content, "utf-8")

    def load_assets(self, directory: str | None) -> None:
        """Remember the spec that a file holds."""
        if directory is not None and (path := Path(directory) / SPEC_ASSET).is_file():
            self._carried = _Carried(path.read_text("utf-8"), self)

    def passed_through(self, outputs: object) -> None:
        """Have the outputs keep the spec: `clone_model` makes the copy of them alone."""
        if self._carried is not None:
            for tensor in keras.tree.flatten(outputs):
                if isinstance(tensor, keras.KerasTensor):
                    setattr(tensor, CARRIED, self._carried)

    # Pickle finds classes by their names, and this one has the name of Keras's own.
    def __reduce__(self) -> tuple[object, ...]:
        restore, arguments = super().__reduce__()
        return _restored, (restore.__name__, *arguments)


# What Keras writes into a file as the class, and searches there if convspec is not imported.
SpecModel.__module__, SpecModel.__name__ = FUNCTIONAL
SpecModel.__qualname__ = SpecModel.__name__


def carry_spec(model: keras.Model, spec: Spec) -> keras.Model:
    """Have every later `model.save(...)`, of this model or of a copy, write the spec beside the weights."""
    content = json.dumps({"fingerprint": spec.fingerprint, "spec": spec.to_yaml()})
    model._carried = _Carried(content, model)
    return model


def _restored(method: str, *arguments: object) -> keras.Model:
    """A pickled model, by Keras's own method for it; pickle would not find this class by its name."""
    return getattr(SpecModel, method)(*arguments)


def _classes(model: keras.Model) -> tuple[str, ...]:
    return tuple([type(layer).__name__ for layer in model.layers])
