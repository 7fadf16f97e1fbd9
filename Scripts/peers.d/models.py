"""all-MiniLM-L6-v2 in each peer, in its fastest configuration."""

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import openvino
import torch
import transformers

INPUTS = ["input_ids", "attention_mask", "token_type_ids"]
HEADS, WIDTH = 12, 384

# From ids and mask [text, token] to hidden states [text, token, feature].
Encoder = Callable[[np.ndarray, np.ndarray], np.ndarray]


def bert(model: Path, attention: str) -> transformers.BertModel:
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    return transformers.BertModel.from_pretrained(
        model, attn_implementation=attention, add_pooling_layer=False
    ).eval()


def export(model: Path, folder: Path) -> tuple[Path, Path, dict[str, int]]:
    """Exports the model to ONNX, plain and fused by ONNX Runtime's optimizer.

    Uses eager attention, because the optimizer recognizes only its pattern.

    Returns both paths, and the number of fused nodes of each kind.
    """
    from onnxruntime.transformers import optimizer
    from onnxruntime.transformers.fusion_options import FusionOptions

    class HiddenStates(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bert = bert(model, "eager")

        def forward(self, input_ids, attention_mask, token_type_ids):
            return self.bert(
                input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
            ).last_hidden_state

    folder.mkdir(parents=True, exist_ok=True)
    plain, fused = folder / "plain.onnx", folder / "fused.onnx"
    ids = torch.randint(1_000, 20_000, (2, 9))
    mask = torch.ones_like(ids)
    mask[1, 5:] = 0
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            HiddenStates(), (ids, mask, torch.zeros_like(ids)), plain, input_names=INPUTS,
            output_names=["hidden"], opset_version=17, dynamo=False,
            dynamic_axes={name: {0: "text", 1: "token"} for name in [*INPUTS, "hidden"]},
        )
    optimized = optimizer.optimize_model(
        str(plain), model_type="bert", num_heads=HEADS, hidden_size=WIDTH, opt_level=0,
        optimization_options=FusionOptions("bert"), use_gpu=False,
    )
    counts = {k: v for k, v in optimized.get_fused_operator_statistics().items() if v > 0}
    for needed in ["Attention", "SkipLayerNormalization"]:
        if needed not in counts:
            raise SystemExit(f"peers: ONNX Runtime did not fuse {needed}: {counts}")
    if not any("Gelu" in name for name in counts):
        raise SystemExit(f"peers: ONNX Runtime did not fuse GELU: {counts}")
    optimized.save_model_to_file(str(fused))
    return plain, fused, counts


def feed(ids: np.ndarray, mask: np.ndarray) -> dict[str, np.ndarray]:
    return dict(zip(INPUTS, [ids, mask, np.zeros_like(ids)]))


def torch_encoder(model: Path) -> Encoder:
    """Uses the current number of threads of `torch.set_num_threads`."""
    module = bert(model, "sdpa")

    def encode(ids: np.ndarray, mask: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return module(**{k: torch.from_numpy(v) for k, v in feed(ids, mask).items()})[0].numpy()

    return encode


def onnx_encoder(path: Path, threads: int) -> Encoder:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda ids, mask: session.run(None, feed(ids, mask))[0]


def openvino_encoder(path: Path, threads: int, precision: str | None) -> tuple[Encoder, str]:
    """The encoder and its precision; OpenVINO chooses the precision if `precision` is None."""
    core = openvino.Core()
    options = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"}
    if precision:
        options["INFERENCE_PRECISION_HINT"] = precision
    compiled = core.compile_model(core.read_model(path), "CPU", options)
    request = compiled.create_infer_request()
    chosen = compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name()

    def encode(ids: np.ndarray, mask: np.ndarray) -> np.ndarray:
        return request.infer(feed(ids, mask), share_inputs=True)[0]

    return encode, {"bfloat16": "bf16", "float32": "f32", "float16": "f16"}.get(chosen, chosen)
