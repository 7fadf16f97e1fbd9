"""One case: its arrays and its case.json. The numbers depend on the seed only."""

import json
import random
from pathlib import Path

import numpy as np
import torch

import layers
import models
import operator_case

MAKERS = {
    "attention": operator_case.attention,
    "linear": layers.linear,
    "layer_norm": layers.layer_norm,
    "rms_norm": layers.rms_norm,
    "multi_head_attention": layers.multi_head_attention,
    "encoder": models.encoder,
    "language_model": models.language_model,
}


def write_case(kind: str, seed: int, folder: Path) -> None:
    """Writes the inputs in float32 and the results of PyTorch in float64."""
    random.seed(seed)
    torch.manual_seed(seed)
    folder.mkdir(parents=True)
    options, arrays = MAKERS[kind](folder)
    for name, array in arrays.items():
        if array is not None:
            np.save(folder / f"{name}.npy", np.ascontiguousarray(array.detach().numpy()))
    given = {key: value for key, value in options.items() if value is not None}
    (folder / "case.json").write_text(json.dumps({"operation": kind, **given}))
