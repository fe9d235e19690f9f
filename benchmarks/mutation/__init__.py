"""Mutation testing: is a change of the code in one random place noticed by the tests?

    python -m benchmarks.mutation draw --mutants 1800     # draw them
    python -m benchmarks.mutation draw --since COMMIT     # two thirds of them from lines that are new since then
    python -m benchmarks.mutation reach tests/spec ...    # learn which test reaches which line, and how long it takes
    python -m benchmarks.mutation run                     # try each on the tests that reach it, the quickest first
    python -m benchmarks.mutation run named               # those missed: on the tests that their verdicts name, alone
    python -m benchmarks.mutation run more                # those missed: on all tests that reach them, in full
    python -m benchmarks.mutation run repeat              # those noticed: on the test that noticed them, alone
    python -m benchmarks.mutation carry OLD_FOLDER        # keep mutants, reach and results when the code has changed
    python -m benchmarks.mutation verdicts FILE           # add verdicts, `path:line | before -> after | verdict` a line
    python -m benchmarks.mutation table                   # the outcome by package, and each mutant that was missed
    python -m benchmarks.mutation rates                   # the outcome of the sample in `sample.jsonl`, with intervals

Everything is kept in a folder, `.mutation` unless `--folder` names another: the package as it was when the mutants were
drawn, a copy of the repository with that package, in which they are tried, `mutants.jsonl`, `reach.jsonl` and
`results.jsonl`. Each row is written as it comes, and a command that is repeated goes on where it stopped.

One process imports TensorFlow and the tests and forks for each mutant. The fork writes the changed file into the copy,
where modules that were not imported yet and subprocesses find it, gives functions that were imported their changed
code, and runs the tests until the first failure. A change of a module's or a class's own statements needs a process
that has not imported the package: another one, that has TensorFlow alone, forks for those.

Noticed means that a test fails, that the tests cannot be collected, or that they need ten times their processor time
and a minute more. A test counts only if it passes, run the same way, on the code as it is (`controls.jsonl`).
"""
