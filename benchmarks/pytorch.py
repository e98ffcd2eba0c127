"""PyTorch's side: eager or compiled, with the fast batches of an index into whole tensors, which a GPU holds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from benchmarks.cases import Job
from benchmarks.data import arrays, classic_generator
from benchmarks.pytorch_networks import LARGEST_NORM, NETWORKS

Batches = Callable[[], Iterator[tuple[Tensor, Tensor]]]


def at_end(tokens: Tensor) -> Tensor:
    """Return token ids (samples, time) with their padding, which stands in front, at the end, as nn.LSTM wants it."""
    return torch.stack([torch.roll(row, int((row != 0).sum())) for row in tokens])


def batches(job: Job, device: torch.device) -> Batches:
    """Return what gives an epoch's batches."""
    if job.network == "jena":
        generator = classic_generator(job.train, job.batch_size)
        return lambda: (
            tuple(torch.from_numpy(part).float().to(device) for part in next(generator)) for _ in range(job.steps)
        )
    x, y = map(torch.from_numpy, arrays(job.train))
    x = (at_end(x) if job.network == "lstm500" else x)[: job.steps * job.batch_size].to(device)
    y = (y.long() if job.network == "tagger" else y)[: len(x)].to(device)
    return lambda: ((x[index], y[index]) for index in torch.randperm(len(x), device=device).split(job.batch_size))


class Step:
    """A step of training: forward, loss, backward, update."""

    def __init__(self, job: Job, device: torch.device, *, fused: bool, compiled: bool, dtype: torch.dtype | None):
        build, self.measure, optimizer_of = NETWORKS[job.network]
        self.model = build(job.sizes).to(device)
        adam = job.experiment.trainer.optimizer.name == "adam"
        self.optimizer = optimizer_of(self.model.parameters(), **({"fused": True} if fused and adam else {}))
        self.largest_norm = LARGEST_NORM.get(job.network)
        self.scaler = torch.amp.GradScaler(device.type, enabled=dtype == torch.float16)
        self.context = {"device_type": device.type, "dtype": dtype, "enabled": dtype is not None}
        self.loss = torch.compile(self._loss, mode="reduce-overhead") if compiled else self._loss

    def _loss(self, inputs: Tensor, targets: Tensor) -> Tensor:
        with torch.autocast(**self.context):
            outputs = self.model(inputs)
        return self.measure(outputs.float(), targets)

    def __call__(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """Return the loss of a batch, on the device, after one update."""
        self.optimizer.zero_grad()
        loss = self.loss(inputs, targets)
        self.scaler.scale(loss).backward()
        if self.largest_norm is not None:
            self.scaler.unscale_(self.optimizer)
            nn.utils.clip_grad_norm_(self.model.parameters(), self.largest_norm)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        return loss.detach()


def train(
    job: Job,
    turns: Callable[[int], Iterator[None]],
    *,
    fused: bool = False,
    compiled: bool = False,
    bfloat16: bool = False,
    float16: bool = False,
) -> None:
    """Run a turn of steps whenever asked, until the device has done them.

    `fused`: with Adam's one kernel, which is not PyTorch's default; `compiled`: by `torch.compile`, with CUDA's graphs;
    in 16 bits by autocast. On a GPU products may be of TF32, as TensorFlow's are.
    """
    torch.set_num_threads(job.threads)
    torch.set_float32_matmul_precision("high" if job.device == "gpu" else "highest")
    torch.manual_seed(1)
    device = torch.device("cuda" if job.device == "gpu" else "cpu")
    dtype = torch.bfloat16 if bfloat16 else torch.float16 if float16 else None
    step, epoch = Step(job, device, fused=fused, compiled=compiled, dtype=dtype), batches(job, device)
    for _ in turns(sum(parameter.numel() for parameter in step.model.parameters())):
        total = torch.zeros((), device=device)
        for _ in range(job.epochs):
            for inputs, targets in epoch():
                total += step(inputs, targets)
        if not math.isfinite(total.item()):  # which waits for the device
            raise ValueError(f"the loss of {job.network} is {total.item()}")


def device_mb() -> float:
    """Return the most memory that tensors have held on the GPU, in MB."""
    return torch.cuda.max_memory_allocated() / 2**20
