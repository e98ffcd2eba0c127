"""The latent space of a trained autoencoder as a distribution of codes, to draw new ones from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Literal

import numpy as np

LATENT_FILE = "latent.npz"

Prior = Literal["normal", "codes"]


@dataclass(frozen=True)
class Latent:
    """Where codes lie; the arrays are those of the training split's codes.

    The prior says what random codes are drawn from: `normal` is N(0, I), which a variational autoencoder is trained to
    fill (Kingma and Welling, 2014, "Auto-Encoding Variational Bayes"); `codes` is the Gaussian of the training codes'
    mean and covariance, clipped to their range, because a decoder knows nothing of what lies beyond.
    """

    prior: Prior
    mean: np.ndarray  # (latent_dim,) float64
    covariance: np.ndarray  # (latent_dim, latent_dim) float64
    minimum: np.ndarray  # (latent_dim,) float32
    maximum: np.ndarray  # (latent_dim,) float32

    @classmethod
    def fit(cls, codes: np.ndarray, prior: Prior) -> Latent:
        """The distribution of codes (samples, latent_dim), at least one."""
        mean = codes.mean(axis=0, dtype=np.float64)
        centred = codes - mean
        return cls(prior, mean, centred.T @ centred / len(codes), codes.min(axis=0), codes.max(axis=0))

    def draw(self, count: int, seed: int) -> np.ndarray:
        """(count, latent_dim) float32 random codes; the same for the same seed."""
        generator = np.random.default_rng(seed)
        if self.prior == "normal":
            return generator.standard_normal((count, len(self.mean)), np.float32)
        drawn = generator.multivariate_normal(self.mean, self.covariance, count, check_valid="ignore", method="eigh")
        return np.clip(drawn.astype(np.float32), self.minimum, self.maximum)

    def to_bytes(self) -> bytes:
        """The content of `artifacts/latent.npz`."""
        content = BytesIO()
        np.savez(content, **asdict(self))
        return content.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Latent:
        """What `to_bytes` wrote."""
        with np.load(BytesIO(content)) as fields:
            return cls(**{name: str(fields[name]) if name == "prior" else fields[name] for name in fields.files})
