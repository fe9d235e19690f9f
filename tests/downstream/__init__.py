"""A small project that uses convspec, as others write it: `tests/test_typing.py` type-checks it strictly."""
