"""`convspec.build`: the Keras model of a network."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..files import whole_file
from ..keras_import import import_keras
from ..language import InputError, load
from ..language.arguments import checked
from ..output_paths import check_file
from .sources import Network, Place, Shape, check_is_written

if TYPE_CHECKING:
    import keras


@checked
def build(
    network: Network,
    *,
    variant: str | None = None,
    input_shape: Shape | None = None,
    overrides: Mapping[str, object] | None = None,
    out: Place | None = None,
    overwrite: bool = False,
    kernel_regularizer: object = None,
    name: str | None = None,
    input_tensor: object = None,
    zero_kernels: Collection[str] = (),
) -> keras.Model:
    """The Keras model of a network: outputs in the order of the spec, the main one first.

    Its types are those of Keras's dtype policy; with a mixed one the outputs are float32 all the same, so that losses
    and probabilities keep their precision. Saving it, or a clone of it, writes the spec into the `.keras` file.

    Parameters
    ----------
    out
        The `.keras` file to save the model in; by default it is not saved.
    kernel_regularizer
        A Keras regularizer for every kernel.
    input_tensor
        A Keras tensor of the network's input shape to build upon.
    zero_kernels
        Names of layers whose kernels start as zeros, as their weights are loaded later: sampling takes time.

    Raises
    ------
    InputError
        For an invalid spec, a file that cannot be written, or Keras set to channels_first.
    ValueError
        For an `input_tensor` of another shape, or unknown layers in `zero_kernels`.
    """
    check_is_written(out, overwrite=overwrite)
    path = None if out is None else Path(out)
    if path is not None:
        if path.suffix != ".keras":
            raise InputError(f"--out {out}: Keras's format has the ending .keras", remedy=f"{out}.keras")
        check_file(path, overwrite=overwrite)
    spec = load(network, variant=variant, overrides=overrides, input_shape=input_shape)
    import_keras()
    from .. import builder

    model = builder.build(
        spec, kernel_regularizer=kernel_regularizer, name=name, input_tensor=input_tensor, zero_kernels=zero_kernels
    )
    if path is not None:
        with whole_file(path) as beside:
            model.save(beside)
    return model
