"""Pages that are written by programs: `python -m docs.generating` writes them, the tests hold them current."""
