"""Fine-tune and evaluate: the only place of heavy imports."""

import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # before the first Hugging Face import: no look-up leaves the machine
os.environ.setdefault("HF_DATASETS_OFFLINE", "1")
os.environ.setdefault("TQDM_DISABLE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # before CUDA starts: products repeat bit by bit
