"""What an autoencoder must beat: the mean of all samples, and a linear code of the same width."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seqrun.components.padding import real_steps
from seqrun.components.splits import Splits
from seqrun.tasks.reconstruction.neighbours import neighbour_agreement
from seqrun.training.flattened import Flattened

if TYPE_CHECKING:
    from sklearn.decomposition import PCA

MOST_COLUMNS = 2_000  # of an exact PCA; its covariance matrix is that large a square
CHUNK = 4096  # samples that are reconstructed together
ROUNDING = 1e-10  # the share of the variance that 32 bits lose


def reconstruction_baselines(splits: Splits, latent_dim: int) -> dict[str, dict[str, float]]:
    """Test metrics of `mean_sample` and `pca`, in the network's units, fitted on the training samples alone.

    `mean_sample` answers with the training samples' mean at every step and feature. `pca` projects onto the first
    `latent_dim` principal components of the flattened samples, in which steps past a sample's end hold the mean; no
    linear code of that width has a smaller squared error on the training samples (Eckart and Young, 1936).
    """
    table = Flattened.fit(splits.train.inputs)
    rows = table.rows(splits.train.inputs)
    pca = fitted_pca(rows, latent_dim)
    mean_error, pca_error, codes = _test_errors(table, pca, splits.test.inputs)
    baselines = {"mean_sample": {"reconstruction_mse": mean_error}, "pca": {"reconstruction_mse": pca_error}}
    if splits.spec.target.classes:
        labels = splits.train.targets, splits.test.targets
        agreement = neighbour_agreement(pca.transform(rows), labels[0], codes, labels[1])
        baselines["pca"]["neighbour_agreement"] = agreement
    return baselines


def fitted_pca(rows: np.ndarray, width: int) -> PCA:
    """Of rows (samples, columns): exact up to 2,000 columns, beyond by random projections (seed 0).

    No wider than there are samples or columns: more components would be empty. A single sample counts twice, which
    alone has no variance. Of samples that are all alike the shares of the variance are nan.
    """
    from sklearn.decomposition import PCA

    rows = np.repeat(rows, 2, axis=0) if len(rows) == 1 else rows
    width = min(width, *rows.shape)
    solver = "covariance_eigh" if rows.shape[1] <= MOST_COLUMNS else "randomized"
    with np.errstate(invalid="ignore"):  # 0 / 0: a share of no variance
        return PCA(width, svd_solver=solver, random_state=0).fit(rows)


def _test_errors(table: Flattened, pca: PCA, inputs: np.ndarray) -> tuple[float, float, np.ndarray]:
    """The mean squared errors of the mean sample and of the PCA over real values, and the PCA's codes."""
    mean_error, pca_error, count, codes = 0.0, 0.0, 0, []
    for first in range(0, len(inputs), CHUNK):
        part = inputs[first : first + CHUNK]
        rows = table.rows(part)
        codes.append(pca.transform(rows))
        missed = (rows - pca.inverse_transform(codes[-1])).reshape(part.shape)
        missed[~real_steps(part)] = 0
        mean_error += np.sum(np.square(rows), dtype=np.float64)  # rows are what the mean misses
        pca_error += np.sum(np.square(missed), dtype=np.float64)
        count += real_steps(part).sum() * part.shape[2]
    if pca_error < ROUNDING * mean_error:
        pca_error = 0.0  # the components span the samples
    return float(mean_error / count), float(pca_error / count), np.concatenate(codes)
