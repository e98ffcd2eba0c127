"""The distribution of a trained autoencoder's codes, to draw new codes from."""

from __future__ import annotations

import zipfile
from dataclasses import asdict, dataclass, fields
from io import BytesIO
from typing import Literal

import numpy as np

from seqrun.datasets.files.npz import read_array

LATENT_FILE = "latent.npz"

Prior = Literal["normal", "codes"]


@dataclass(frozen=True)
class Latent:
    """Where the codes of the training split lie, and what random codes are drawn from: the prior.

    `normal` is N(0, I), to which a variational autoencoder is trained to bring its codes (Kingma and Welling, 2014,
    "Auto-Encoding Variational Bayes"). `codes` is the Gaussian with the training codes' mean and covariance, clipped to
    their range, as the decoder was not trained beyond it.
    """

    prior: Prior
    mean: np.ndarray  # (latent_dim,) float64
    covariance: np.ndarray  # (latent_dim, latent_dim) float64
    minimum: np.ndarray  # (latent_dim,) float32
    maximum: np.ndarray  # (latent_dim,) float32

    @classmethod
    def fit(cls, codes: np.ndarray, prior: Prior) -> Latent:
        """Return the distribution of codes (samples, latent_dim), at least one."""
        mean = codes.mean(axis=0, dtype=np.float64)
        centred = codes - mean
        return cls(prior, mean, centred.T @ centred / len(codes), codes.min(axis=0), codes.max(axis=0))

    def draw(self, count: int, seed: int) -> np.ndarray:
        """Return random codes (count, latent_dim) float32; the same for the same seed."""
        generator = np.random.default_rng(seed)
        if self.prior == "normal":
            return generator.standard_normal((count, len(self.mean)), np.float32)
        drawn = generator.multivariate_normal(self.mean, self.covariance, count, check_valid="ignore", method="eigh")
        return np.clip(drawn.astype(np.float32), self.minimum, self.maximum)

    def to_bytes(self) -> bytes:
        """Return the content of `artifacts/latent.npz`."""
        content = BytesIO()
        np.savez(content, **asdict(self))
        return content.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Latent:
        """Return the distribution that `to_bytes` wrote; raise ValueError for other content."""
        try:
            with zipfile.ZipFile(BytesIO(content)) as archive:
                arrays = {each.name: read_array(archive, each.name) for each in fields(cls)}
        except Exception as error:  # there is no end to what a broken zip can raise
            raise ValueError(f"it does not hold where the codes lie: {error}") from error
        prior: Prior = "normal" if str(arrays.pop("prior")) == "normal" else "codes"
        size = arrays["mean"].size
        for name, array in arrays.items():
            if array.shape != ((size, size) if name == "covariance" else (size,)) or not np.isfinite(array).all():
                raise ValueError(f"{name} is {array.shape}, or not finite, where codes have {size} numbers")
        return cls(prior, **arrays)
