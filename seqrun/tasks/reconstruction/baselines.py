"""What an autoencoder must beat: the mean of all samples, and a linear code of the same width."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seqrun.components.padding import real_steps
from seqrun.components.splits import Split, Splits
from seqrun.components.targets import Reconstruction
from seqrun.tasks.reconstruction.neighbours import neighbour_agreement
from seqrun.training.flattened import Flattened

if TYPE_CHECKING:
    from sklearn.decomposition import PCA

MOST_COLUMNS = 2_000  # of an exact PCA, whose covariance matrix is (columns, columns)
CHUNK = 4096  # samples that are reconstructed together
ROUNDING = 1e-10  # share of the variance that is lost to rounding in float32


def reconstruction_baselines(splits: Splits[Split, Reconstruction], latent_dim: int) -> dict[str, dict[str, float]]:
    """Return the test metrics of `mean_sample` and `pca`, in the network's units, fitted on the training split alone.

    `mean_sample` answers every sample with the mean of the training samples, (time, features). `pca` projects the
    flattened samples onto their first `latent_dim` principal components; steps past a sample's end hold the mean. No
    linear code of that width has a smaller squared error on the training samples (Eckart and Young, 1936).
    """
    table = Flattened.fit(splits.train.inputs)
    rows = table.rows(splits.train.inputs)
    pca = fitted_pca(rows, latent_dim)
    mean_error, pca_error, codes = _test_errors(table, pca, splits.test.inputs)
    baselines = {"mean_sample": {"reconstruction_mse": mean_error}, "pca": {"reconstruction_mse": pca_error}}
    if splits.spec.target.classes:
        agreement = neighbour_agreement(pca.transform(rows), splits.train.targets, codes, splits.test.targets)
        baselines["pca"]["neighbour_agreement"] = agreement
    return baselines


def fitted_pca(rows: np.ndarray, width: int) -> PCA:
    """Return a PCA of rows (samples, columns): exact up to 2,000 columns, beyond by random projections (seed 0).

    It has `width` components, or as many as there are samples or columns if these are fewer. A single sample is taken
    twice, as scikit-learn wants two. Of samples that are all equal, the components' shares of the variance are nan.
    """
    from sklearn.decomposition import PCA

    rows = np.repeat(rows, 2, axis=0) if len(rows) == 1 else rows
    width = min(width, *rows.shape)
    solver = "covariance_eigh" if rows.shape[1] <= MOST_COLUMNS else "randomized"
    with np.errstate(invalid="ignore"):  # 0 / 0: a share of no variance
        return PCA(width, svd_solver=solver, random_state=0).fit(rows)


def _test_errors(table: Flattened, pca: PCA, inputs: np.ndarray) -> tuple[float, float, np.ndarray]:
    """Return the mean squared errors of the mean sample and of the PCA, padding left out, and the PCA's codes."""
    mean_error, pca_error, count, codes = 0.0, 0.0, 0, []
    for first in range(0, len(inputs), CHUNK):
        part = inputs[first : first + CHUNK]
        rows = table.rows(part)
        codes.append(pca.transform(rows))
        missed = (rows - pca.inverse_transform(codes[-1])).reshape(part.shape)
        missed[~real_steps(part)] = 0
        mean_error += np.sum(np.square(rows), dtype=np.float64)  # rows are samples less the mean
        pca_error += np.sum(np.square(missed), dtype=np.float64)
        count += real_steps(part).sum() * part.shape[2]
    if pca_error < ROUNDING * mean_error:
        pca_error = 0.0  # the components span the samples: the rest is rounding
    return float(mean_error / count), float(pca_error / count), np.concatenate(codes)
