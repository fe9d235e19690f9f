"""`python -m benchmarks gpu`: one table of what convspec does on a GPU, beside Keras, KerasTuner and JAX's allocator.

Each part runs in processes of its own, so that a crash or a full memory costs one row; rows are written as they come.
JAX is the backend, and nothing here needs TensorFlow. How to run it and what the rows mean: docs/gpu.md.
"""
