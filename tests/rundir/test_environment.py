"""What is recorded of code, packages and machine."""

import subprocess
import sys
from importlib.metadata import version

import pytest

from seqrun.rundir import environment as module
from seqrun.rundir.environment import code_patch, environment


def git(*arguments):
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    (tmp_path / "code" / "inner").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "code")
    git("init", "-q")
    (tmp_path / "code" / "a.txt").write_text("one\n")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    return tmp_path / "code"


def test_a_clean_repository_is_its_commit(repository):
    assert environment()["git"] == {"commit": git("rev-parse", "HEAD"), "dirty": False}
    assert code_patch() is None


def test_the_patch_turns_the_commit_into_the_code_that_ran(repository, monkeypatch):
    (repository / "a.txt").write_text("two\n")
    monkeypatch.chdir(repository / "inner")
    assert environment()["git"]["dirty"] is True
    patch = code_patch()
    monkeypatch.chdir(repository)
    git("checkout", "-q", "a.txt")
    (repository / "p.patch").write_text(patch)
    git("apply", "p.patch")
    assert (repository / "a.txt").read_text() == "two\n"


def test_runs_that_are_not_in_git_do_not_make_it_dirty(repository):
    (repository / "runs").mkdir()
    (repository / "runs" / "x").write_text("x")
    assert environment()["git"]["dirty"] is False


def test_a_long_patch_is_cut_and_says_so(repository, monkeypatch):
    monkeypatch.setattr(module, "PATCH_LIMIT", 1000)
    (repository / "a.txt").write_text("x\n" * 5000)
    patch = code_patch()
    assert len(patch) < 1100
    assert patch.splitlines()[-1].startswith("# cut here: 1,000 of ")


def test_addresses_of_remotes_are_not_recorded(repository):
    git("remote", "add", "origin", "https://user:secret@example.org/x.git")
    (repository / "a.txt").write_text("two\n")
    assert "secret" not in str(environment()) + code_patch()


def test_without_a_repository_or_git_the_fields_are_null(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    (tmp_path / "plain").mkdir()
    monkeypatch.chdir(tmp_path / "plain")
    assert environment()["git"] == {"commit": None, "dirty": None}
    monkeypatch.setenv("PATH", "")
    assert environment()["git"] == {"commit": None, "dirty": None}
    assert code_patch() is None


def test_versions_and_machine_are_there_and_nothing_is_imported_for_them():
    code = (
        "import sys; from seqrun.rundir.environment import environment as e; import json; found = e();"
        "assert not {'tensorflow', 'keras', 'numpy', 'sklearn', 'pandas'} & set(sys.modules); print(json.dumps(found))"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    import json

    found = json.loads(found)
    for package in ("seqrun", "tensorflow", "keras", "numpy", "scikit-learn", "pandas"):
        assert found["packages"][package] == version(package)
    assert found["packages"]["python"] == sys.version.split()[0]
    assert found["cpu"]["count"] >= 1
    assert found["host"] and found["platform"] and found["cpu"]["model"]
