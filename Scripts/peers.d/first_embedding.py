"""Prints the embedding of one text and exits, to measure a whole process.

    python first_embedding.py sentence-transformers|onnxruntime|openvino MODEL ONNX THREADS TEXT
"""

import json
import sys
from pathlib import Path


def main() -> None:
    peer, model, onnx, threads, text = sys.argv[1:]
    if peer == "sentence-transformers":
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(int(threads))
        vector = SentenceTransformer(model, device="cpu").encode([text])[0]
    else:
        # Import only what is needed, not the modules that import all peers.
        import numpy as np
        from tokenizers import Tokenizer

        ids = np.array([Tokenizer.from_file(f"{model}/tokenizer.json").encode(text).ids])
        ids = ids[:, : np.count_nonzero(ids)]  # without the padding that the file configures
        feed = {
            "input_ids": ids, "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        if peer == "onnxruntime":
            import onnxruntime

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = int(threads)
            options.inter_op_num_threads = 1
            hidden = onnxruntime.InferenceSession(
                Path(onnx), options, providers=["CPUExecutionProvider"]
            ).run(None, feed)[0]
        else:
            import openvino

            hidden = openvino.Core().compile_model(
                onnx, "CPU",
                {"INFERENCE_NUM_THREADS": int(threads), "INFERENCE_PRECISION_HINT": "f32"},
            )(feed)[0]
        vector = hidden[0].mean(axis=0)
        vector = vector / np.linalg.norm(vector)
    print(json.dumps([float(x) for x in vector]))


if __name__ == "__main__":
    main()
