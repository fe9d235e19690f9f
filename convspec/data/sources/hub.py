"""A data set of TensorFlow Datasets or of the Hugging Face hub."""

from ..hubs import is_of_hub, read_hub
from ..source_kinds import Kind

KIND = Kind("tfds:NAME or huggingface:NAME", read_hub, is_meant=is_of_hub, uses_data_dir=True, rank=10)
