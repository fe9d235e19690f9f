"""The class that all errors of this package extend."""


class ConvspecError(Exception):
    """The base of every error that convspec declares; `except ConvspecError` catches them all.

    Ctrl-C and SIGTERM raise `KeyboardInterrupt`, which is no error. Blocks that are made in Python raise pydantic's
    `ValidationError` for their fields, and constructors raise `ValueError` where keras.applications does.
    """
