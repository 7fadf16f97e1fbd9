"""The training loop of all models: Muon for matrices, Adam for the rest, warm-up and cosine schedule."""

import math
import time
from dataclasses import dataclass, field

import torch

EMBEDDINGS = ("shared", "embed", "wte", "wpe", "relative", "lm_head", "classifier", "qa_outputs")


@dataclass(frozen=True)
class Stage:
    """A stage of the training: the steps, the factor for the learning rates, and the fraction of each task."""

    steps: int
    rate: float = 1.0
    shares: dict = field(default_factory=dict)


class Optimizer:
    """Muon (Jordan et al. 2024) for the matrices of layers, Adam for embeddings and norm weights.

    Muon steps along the orthogonal matrix nearest to the gradient; models of this size need about half as
    many steps as with Adam. T5 does not divide its scores by the square root of the head dimension, so the
    initial values and the steps of its query matrices are divided by this square root.
    """

    def __init__(self, model, matrix_rate=0.006, rate=3e-3, query_share=32**-0.5, warm_up=0.02):
        matrices, queries, others = [], [], []
        for name, parameter in model.named_parameters():
            if parameter.ndim != 2 or any(part in name for part in EMBEDDINGS):
                others.append(parameter)
            else:
                (queries if ".q." in name else matrices).append(parameter)
        self.parameters = matrices + queries + others
        muon = {"momentum": 0.95, "weight_decay": 0.0}
        self.optimizers = [
            (torch.optim.Muon(matrices, lr=matrix_rate, **muon), matrix_rate),
            (torch.optim.AdamW(others, lr=rate, betas=(0.9, 0.98), weight_decay=0.0), rate),
        ]
        if queries:
            query_rate = matrix_rate * query_share
            self.optimizers.append((torch.optim.Muon(queries, lr=query_rate, **muon), query_rate))
        self.warm_up = warm_up

    def factor(self, progress):
        """The factor for the learning rate at a fraction of the training from 0 to 1."""
        if progress < self.warm_up:
            return progress / self.warm_up
        return 0.5 * (1 + math.cos(math.pi * (progress - self.warm_up) / (1 - self.warm_up)))

    def step(self, progress):
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        for optimizer, rate in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate * max(self.factor(progress), 1e-4)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)


def own_loss(model, batch):
    return model(**batch).loss


def train(model, batches, steps, minutes=math.inf, report=None, every=250, bfloat16=True,
          loss=own_loss, **rates):
    """Trains for a number of steps, or until the processor time is used up, whichever is first.

    The schedule of the learning rate ends at the same time. Matrix products are bfloat16; weights and sums
    are float32. Without `bfloat16`, matrix products are float32, which is faster for a hidden size below 100.
    Calls `report(step)` periodically. Returns the number of steps, the seconds, and the processor seconds.
    """
    optimizer = Optimizer(model, **rates)
    model.train()
    start, used, losses = time.time(), time.process_time(), []
    for step, batch in enumerate(batches):
        progress = max(step / steps, (time.process_time() - used) / 60 / minutes)
        if progress >= 1:
            break
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16):
            value = loss(model, batch)
        value.backward()
        optimizer.step(progress)
        losses.append(value.item())
        if (step + 1) % every == 0:
            print(f"step {step + 1} of {steps}: loss {sum(losses) / len(losses):.4f}, "
                  f"{time.time() - start:.0f} s, progress {progress:.3f}", flush=True)
            losses = []
            if report:
                report(step + 1)
    model.eval()
    return step, time.time() - start, time.process_time() - used


def rounded_to_bfloat16(model):
    return rounded(model, torch.bfloat16)


def rounded(model, precision):
    """Rounds the weights of the model to those of the checkpoint; the model still computes in float32."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(parameter.to(precision).float())
    return model.eval()
