"""What configs/imdb_lstm.yaml does, written by hand with Keras, scikit-learn and matplotlib; seqrun takes no part.

    python plain_imdb_lstm.py imdb.npz OUTPUT_FOLDER [--epochs 3] [--limit N]

The same split, network, optimizer, reduction of the learning rate and choice of the best epoch; then the metrics of
validation and test, two baselines, the predictions and the plots that a run of seqrun has, and a checkpoint an epoch.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import keras
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from keras import callbacks, layers
from scipy.sparse import csr_matrix
from sklearn import metrics
from sklearn.calibration import calibration_curve
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

WORDS, TIME, BATCH, BINS = 10_000, 128, 100, 15


def tokens(reviews: np.ndarray) -> np.ndarray:
    """Word ranks as token ids (reviews, time), as keras.datasets.imdb.load_data(num_words=WORDS, skip_top=20) has them.

    That function no longer takes the path of a file.
    """
    ids = ([1, *(rank + 3 for rank in review)] for review in reviews)
    known = [[word if 20 <= word < WORDS else 2 for word in review] for review in ids]
    return keras.utils.pad_sequences(known, TIME)


def read(path: Path, limit: int | None):
    """Token ids (reviews, time) and labels: of training, validation and test."""
    with np.load(path, allow_pickle=True) as file:
        x_train, y_train, x_test, y_test = (file[name] for name in ("x_train", "y_train", "x_test", "y_test"))
    x_train, x_test = tokens(x_train), tokens(x_test)
    x_train, x_val, y_train, y_val = train_test_split(x_train, y_train, test_size=0.2, stratify=y_train, random_state=0)
    if limit:  # the test split may be sorted by label
        x_test, y_test = x_test[:: len(x_test) // limit], y_test[:: len(y_test) // limit]
    return (x_train[:limit], y_train[:limit]), (x_val[:limit], y_val[:limit]), (x_test, y_test)


def network() -> keras.Model:
    model = keras.Sequential(
        [
            keras.Input((TIME,), dtype="int32"),
            layers.Embedding(WORDS, 64),
            layers.Dropout(0.3),
            layers.LSTM(32),
            layers.BatchNormalization(),
            layers.Dropout(0.2),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(
        loss="binary_crossentropy",
        optimizer=keras.optimizers.Adam(1e-3),
        metrics=["accuracy", keras.metrics.AUC(name="auc")],
    )
    return model


def train(model: keras.Model, data, validation, folder: Path, epochs: int) -> dict[str, list[float]]:
    """The history; the model is left with the weights of the best epoch."""
    best = str(folder / "model.weights.h5")
    watching = [
        callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=3, min_delta=1e-4),
        callbacks.ModelCheckpoint(best, monitor="val_loss", save_best_only=True, save_weights_only=True),
        callbacks.ModelCheckpoint(str(folder / "last.keras")),
        callbacks.CSVLogger(str(folder / "history.csv")),
    ]
    settings = {"batch_size": BATCH, "epochs": epochs, "verbose": 2}
    history = model.fit(*data, validation_data=validation, callbacks=watching, **settings)
    model.load_weights(best)
    return history.history


def best_threshold(targets: np.ndarray, scores: np.ndarray) -> float:
    """The threshold that maximises TPR - FPR."""
    fpr, tpr, thresholds = metrics.roc_curve(targets, scores)
    return float(thresholds[1:][np.argmax((tpr - fpr)[1:])])


def measured(targets: np.ndarray, scores: np.ndarray) -> dict[str, float]:
    predicted = scores > 0.5
    confidence, correct = np.where(predicted, scores, 1 - scores), predicted == targets
    bins = np.digitize(confidence, np.linspace(0, 1, BINS + 1)[1:-1])
    gaps = [abs(correct[bins == n].mean() - confidence[bins == n].mean()) * (bins == n).mean() for n in np.unique(bins)]
    return {
        "accuracy": metrics.accuracy_score(targets, predicted),
        "auc": metrics.roc_auc_score(targets, scores),
        "average_precision": metrics.average_precision_score(targets, scores),
        "balanced_accuracy": metrics.balanced_accuracy_score(targets, predicted),
        "f1": metrics.f1_score(targets, predicted),
        "log_loss": metrics.log_loss(targets, scores),
        "calibration_error": float(sum(gaps)),
    }


def counts(tokens: np.ndarray) -> csr_matrix:
    """(reviews, words): how often each word stands in each review, without padding, start mark and unknown word."""
    rows, columns = np.nonzero(tokens > 2)
    return csr_matrix((np.ones(len(rows)), (rows, tokens[rows, columns])), shape=(len(tokens), WORDS))


def baselines(data, test) -> dict[str, dict[str, float]]:
    weights = TfidfTransformer(sublinear_tf=True)
    linear = LogisticRegression(max_iter=1000).fit(weights.fit_transform(counts(data[0])), data[1])
    scores = linear.predict_proba(weights.transform(counts(test[0])))[:, 1]
    majority = np.full(len(test[1]), data[1].mean())
    return {"majority": measured(test[1], majority), "tfidf_logistic": measured(test[1], scores)}


def plot_history(history: dict[str, list[float]], folder: Path) -> None:
    plots = {"loss": ["loss"], "metrics": ["accuracy", "auc"], "learning_rate": ["learning_rate"]}
    for name, columns in plots.items():
        figure, grid = plt.subplots(1, len(columns), figsize=(5 * len(columns), 4), squeeze=False, layout="constrained")
        for axes, column in zip(grid[0], columns, strict=True):
            for label in (column, f"val_{column}"):
                if label in history:
                    axes.plot(range(1, len(history[label]) + 1), history[label], label=label)
            axes.set(xlabel="epoch", title=column)
            axes.legend()
        figure.savefig(folder / f"{name}.png", dpi=120)
        plt.close(figure)


def plot_test(targets: np.ndarray, scores: np.ndarray, threshold: float, folder: Path) -> None:
    figures = {name: plt.subplots(figsize=(5, 5), layout="constrained") for name in ("roc", "precision_recall")}
    metrics.RocCurveDisplay.from_predictions(targets, scores, ax=figures["roc"][1], plot_chance_level=True)
    shown = metrics.PrecisionRecallDisplay
    shown.from_predictions(targets, scores, ax=figures["precision_recall"][1], plot_chance_level=True)
    figures["confusion_matrix"] = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
    for axes, limit in zip(figures["confusion_matrix"][1], (0.5, threshold), strict=True):
        metrics.ConfusionMatrixDisplay.from_predictions(targets, scores >= limit, ax=axes)
        axes.set_title(f"threshold {limit:.3f}")
    figures["calibration"] = plt.subplots(2, 1, figsize=(5, 6), layout="constrained")
    upper, lower = figures["calibration"][1]
    observed, promised = calibration_curve(targets, scores, n_bins=BINS)
    upper.plot(promised, observed, "o-")
    upper.plot([0, 1], [0, 1], "--")
    lower.hist(scores, bins=BINS, range=(0, 1))
    for name, (figure, _) in figures.items():
        figure.savefig(folder / f"{name}.png", dpi=120)
        plt.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="Keras' imdb.npz")
    parser.add_argument("output", type=Path, help="the folder for the results")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--limit", type=int, help="use at most so many reviews of each split")
    arguments = parser.parse_args()
    folder, plots = arguments.output, arguments.output / "plots"
    plots.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(42)
    data, validation, test = read(arguments.data, arguments.limit)
    model = network()
    history = train(model, data, validation, folder, arguments.epochs)
    known, scores = (model.predict(x, batch_size=512, verbose=0)[:, 0].astype(float) for x in (validation[0], test[0]))
    threshold = best_threshold(validation[1], known)
    tested = measured(test[1], scores) | {
        "threshold": threshold,
        "balanced_accuracy_at_threshold": metrics.balanced_accuracy_score(test[1], scores >= threshold),
    }
    results = {"validation": measured(validation[1], known), "test": tested, "baselines": baselines(data, test)}
    (folder / "metrics.json").write_text(json.dumps(results, indent=2))
    np.savez(folder / "predictions.npz", targets=test[1], predictions=scores)
    plot_history(history, plots)
    plot_test(test[1], scores, threshold, plots)
    print(json.dumps(tested, indent=2))


if __name__ == "__main__":
    main()
