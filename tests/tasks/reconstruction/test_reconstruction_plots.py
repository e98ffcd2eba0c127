"""The autoencoder's plots show the samples that they name: upright pictures, or lines in original units."""

import io
from dataclasses import replace

import numpy as np
import pytest

from seqrun.components.splits import Values
from seqrun.tasks.reconstruction.anomaly import Anomaly
from seqrun.tasks.reconstruction.latent import Latent
from seqrun.tasks.reconstruction.latent_plots import latent_figure
from seqrun.tasks.reconstruction.plots import error_figure, reconstruction_figures
from seqrun.tasks.reconstruction.reconstructions import Reconstructions

pytestmark = pytest.mark.filterwarnings("error")
SAMPLES, TIME = 60, 8


def shown(*, image=None, classes=("a", "b", "$c"), features=3, latent_dim=2, ragged=False):
    """Samples whose decoder says its first code number everywhere."""
    random = np.random.default_rng(0)
    originals = random.random((SAMPLES, TIME, features))
    if ragged:
        originals[::2, 3:] = np.nan
    values = Values(tuple(f"f{n}" for n in range(features)), (0.0,) * features, (1.0,) * features, image, ragged)
    labels = np.arange(SAMPLES) % len(classes) if classes else None
    return Reconstructions(
        values=values,
        originals=originals,
        outputs=originals * 0.5,
        codes=random.random((SAMPLES, latent_dim)).astype(np.float32),
        errors=random.permutation(SAMPLES) / SAMPLES,
        classes=classes,
        labels=labels,
        decode=lambda codes: np.broadcast_to(codes[:, :1, None], (len(codes), TIME, features)),
    )


def figures(samples, prior="codes", rendered=()):
    """All figures; those of the given names are drawn as well, so that what cannot be drawn raises."""
    train_codes = np.random.default_rng(1).random((90, samples.codes.shape[1])).astype(np.float32)
    labels = np.arange(90) % max(len(samples.classes), 1)
    drawn = reconstruction_figures(samples, train_codes, labels, Latent.fit(train_codes, prior))
    for name in rendered:
        drawn[name].savefig(io.BytesIO(), format="png")
    return drawn, train_codes, labels


def typical(samples, number):
    """The sample of a class with as many of smaller as of larger error, or one more of these."""
    members = np.flatnonzero(samples.labels == number)
    return members[np.argsort(samples.errors[members])][(len(members) - 1) // 2]


def visible(figure):
    return [axes for axes in figure.axes if axes.get_visible() and (axes.images or axes.lines)]


def test_pictures_stand_over_their_reconstructions_one_of_each_class():
    samples = shown(image="rows", features=TIME)
    drawn, train_codes, labels = figures(samples, rendered=("reconstructions", "class_means"))
    axes = visible(drawn["reconstructions"])
    assert [one.get_title() for one in axes[:3]] == ["a", "b", r"\$c"]
    for number in range(3):
        sample = typical(samples, number)
        np.testing.assert_array_equal(axes[number].images[0].get_array(), samples.originals[sample])
        np.testing.assert_array_equal(axes[3 + number].images[0].get_array(), samples.outputs[sample])
        mean = visible(drawn["class_means"])[number].images[0].get_array()
        np.testing.assert_allclose(mean, train_codes[labels == number, 0].mean(), rtol=1e-6)
    assert len(visible(drawn["decoded_samples"])) == 40


def test_an_interpolation_goes_from_one_sample_to_another():
    samples = shown(image="columns", features=TIME)
    axes = visible(figures(samples)[0]["interpolation"])
    first, last = typical(samples, 0), typical(samples, 1)
    np.testing.assert_array_equal(axes[0].images[0].get_array(), samples.originals[first])
    np.testing.assert_array_equal(axes[-1].images[0].get_array(), samples.originals[last])
    between = [one.images[0].get_array()[0, 0] for one in axes[1:-1]]
    np.testing.assert_allclose(between, np.linspace(samples.codes[first, 0], samples.codes[last, 0], 8), rtol=1e-5)


def test_lines_end_where_their_sample_ends_and_have_rows_of_their_feature():
    samples = shown(features=5, ragged=True)
    drawn, _, _ = figures(samples, rendered=("reconstructions",))
    axes = visible(drawn["reconstructions"])
    assert len(axes) == 3 * 3  # three of the features, three classes
    assert "the first 3 of 5 features" in drawn["reconstructions"].get_suptitle()
    original, decoded = axes[3 + 1].lines  # of the second feature and class
    sample = typical(samples, 1)
    np.testing.assert_array_equal(original.get_ydata(), samples.originals[sample, :, 1])
    np.testing.assert_array_equal(decoded.get_ydata(), samples.outputs[sample, :, 1])


@pytest.mark.parametrize("kind", [{"image": "rows", "features": TIME}, {"features": 1}])
def test_samples_without_classes_are_shown_by_their_errors(kind):
    samples = shown(classes=(), **kind)
    drawn, _, _ = figures(samples, prior="normal")
    assert "class_means" not in drawn
    assert "N(0, 1)" in drawn["decoded_samples"].get_suptitle()
    titles = [axes.get_title() for axes in visible(drawn["reconstructions"])][:10]
    errors = [float(title.removeprefix("error ")) for title in titles]
    assert len(set(errors)) == 10
    assert errors == sorted(errors)


@pytest.mark.parametrize(("latent_dim", "said"), [(1, "Latent space (test)"), (3, "PCA of 3 dimensions to two")])
def test_the_latent_space_is_drawn_for_any_dimension_and_number_of_classes(latent_dim, said):
    samples = shown(classes=tuple(f"class {n}" for n in range(24)), latent_dim=latent_dim)
    figure = latent_figure(samples, np.random.default_rng(1).random((90, latent_dim)).astype(np.float32))
    figure.savefig(io.BytesIO(), format="png")
    axes = figure.axes[0]
    assert said in axes.get_title(loc="left")
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == [f"class {n}" for n in range(20)] + ["other classes"]
    assert sum(len(points.get_offsets()) for points in axes.collections) == SAMPLES


@pytest.mark.parametrize("count", [1, 5])
def test_the_latent_space_is_drawn_though_all_training_codes_are_alike(count):
    figure = latent_figure(shown(latent_dim=3), np.ones((count, 3), np.float32))
    assert "component 1 (0% of the variance)" in figure.axes[0].get_xlabel()


def test_errors_are_shares_of_the_samples_with_the_threshold():
    random = np.random.default_rng(0)
    validation, test = random.random(50), np.append(random.random(99), 40.0)
    axes = error_figure(validation, test, Anomaly(0.8, 0.05, 0.1)).axes[0]
    assert axes.lines[0].get_xdata()[0] == 0.8
    for steps in axes.patches:
        assert steps.get_data().values.sum() in (pytest.approx(100), pytest.approx(99))
    assert any("1 of 150 lie beyond" in text.get_text() for text in axes.texts)
    assert not error_figure(np.zeros(5), np.zeros(5), None).axes[0].lines


@pytest.mark.parametrize(("low", "high", "threshold"), [(0.0, 1.0, 0.9), (5.0, 5.2, 5.15), (5.0, 5.2, 7.0)])
def test_the_axis_of_errors_is_that_of_the_data_and_shows_the_threshold(low, high, threshold):
    errors = np.linspace(low, high, 100)
    figure = error_figure(errors, errors, Anomaly(threshold, 0.05, 0.1))
    left, right = figure.axes[0].get_xlim()
    assert left <= low < threshold <= right
    assert right - left < 1.3 * (max(high, threshold) - low)
    assert not figure.axes[0].get_legend()  # it stands outside


def test_what_hardly_changes_looks_flat():
    axes = visible(figures(shown(features=1))[0]["decoded_samples"])
    low, high = axes[0].get_ylim()
    assert low < 0.05 and high > 0.95  # the samples lie between 0 and 1
    assert all(one.get_ylim() == (low, high) for one in axes)


def test_classes_that_training_or_test_lacks_are_left_out():
    samples = shown(classes=tuple(f"class {n}" for n in range(24)), features=1)
    few = replace(samples, labels=np.where(np.arange(SAMPLES) < 9, 22, 20))
    codes = np.random.default_rng(1).random((90, 2)).astype(np.float32)
    drawn = reconstruction_figures(few, codes, np.full(90, 21), Latent.fit(codes, "codes"))
    assert [axes.get_title() for axes in visible(drawn["class_means"])] == ["class 21"]
    assert [axes.get_title() for axes in visible(drawn["reconstructions"])] == ["class 20", "class 22"]
