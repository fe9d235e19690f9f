"""What the commands do, as calls: `convspec.train`, `convspec.check`, ...; a module for each, by the command's name.

The options of a command are the keywords of its call, with equal results. A network is a name of the catalogue, a spec
file, a mapping or a `Spec`; data are what `--data` takes, or a `Dataset`; a model is a `.keras` file or the folder of a
run. Nothing is printed unless `verbose`. All raise `InputError` for invalid input.
"""
