"""``dlproc detect``: 0 says that every image below what was named was inspected and accepted."""

import json
import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

import dlproc as dl

HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64)


@pytest.fixture(scope="module")
def pictures(dlproc_records, cells):
    """A file that the model accepts and one that it rejects, both with some distance to the threshold."""
    scores = {record["image"]: record["anomaly_score"] for record in dlproc_records}
    return Path(min(scores, key=scores.get)), Path(max(scores, key=scores.get))


@pytest.fixture(scope="module")
def dlproc_records(model_file, cells):
    from dlproc.cli.detect import inspect
    from dlproc.cli.images import named_images
    from dlproc.cli.model import stored_thresholds

    model = dl.read_dl_model(model_file)
    return list(inspect(model, stored_thresholds(model, str(model_file)), named_images([str(cells)], [])))


@pytest.fixture
def folder(pictures, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("parts").mkdir()
    shutil.copy(pictures[0], "parts/1.png")
    return Path("parts")


def words(name):
    return f"{Path(name)} (image of a kind that is not read here, or damaged)"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("2.webp", "WEBP"), ("3.jfif", "JPEG"), ("4.avif", "AVIF"), ("5.tga", "TGA"), ("IMG_6", "JPEG"), ("7.dat", "PNG")],
)
def test_defects_are_found_in_every_format(dlproc, model_file, folder, pictures, name, kind):
    with Image.open(pictures[1]) as picture:
        picture.save(folder / name, kind, quality=100)
    code, out, err = dlproc("detect", model_file, folder, "--json")
    records = {Path(record["image"]).name: record["decision"] for record in map(json.loads, out.splitlines())}
    assert (code, records) == (1, {"1.png": "accept", name: "reject"})
    assert err == "2 images: 1 accepted, 1 rejected\n"


@pytest.mark.parametrize(
    ("name", "content", "code", "said"),
    [
        ("notes.txt", b"text", 0, "passed over: other files 1 ({path})\n"),
        ("Thumbs.db", b"", 0, "passed over: of the system 1 ({path})\n"),
        ("._1.png", b"", 0, "passed over: hidden 1 ({path})\n"),
        (".ipynb_checkpoints/1.png", b"", 0, "passed over: hidden 1 ({folder})\n"),
        ("1.heic", HEIC, 2, None),
        ("IMG_0012", HEIC, 2, None),
        ("2.dng", b"II*\0", 2, None),
        ("deep/er/3.svg", b"<svg/>", 2, None),
        ("cut", b"\x89PNG\r\n\x1a\n\0\0", 2, None),
    ],
)
def test_what_is_not_inspected_is_counted_and_decides_the_exit_code(
    dlproc, model_file, folder, name, content, code, said
):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    summary = "1 image: 1 accepted\n"
    doubt = f"left out, but may be images: {words(path)}"
    error = f"dlproc: error: {doubt} (--skip-others leaves them out of the exit code)\n"
    shown = error if said is None else said.format(path=path, folder=f"{path.parent}{os.sep}")
    assert dlproc("detect", model_file, folder)[::2] == (code, summary + shown)
    assert dlproc("detect", model_file, folder, "--quiet")[::2] == (code, error if said is None else "")
    skipped = dlproc("detect", model_file, folder, "--skip-others")
    assert skipped[::2] == (0, summary + (f"{doubt}\n" if said is None else shown))


def test_links(dlproc, model_file, folder, pictures):
    try:
        (folder / "gone.png").symlink_to("nothing.png")
        (folder / "up").symlink_to("..", target_is_directory=True)
    except OSError:
        pytest.skip("this system lets no one make links")
    code, _, err = dlproc("detect", model_file, folder)
    assert (code, err) == (
        2,
        "1 image: 1 accepted\n"
        f"passed over: links to a folder above 1 ({folder / 'up'}{os.sep})\n"
        f"dlproc: error: left out, but may be images: {folder / 'gone.png'} (broken link) "
        "(--skip-others leaves them out of the exit code)\n",
    )
    (folder / "gone.png").unlink()
    (folder / "other").symlink_to(pictures[1].parent, target_is_directory=True)
    code, out, _ = dlproc("detect", model_file, folder)
    assert code == 1  # the defects behind a link are found
    assert len(out.splitlines()) > 1


def test_files_that_are_named_and_are_no_images(dlproc, model_file, folder):
    (folder / "notes.txt").write_text("text")
    (folder / "2.heic").write_bytes(HEIC)
    files = [folder / name for name in ("1.png", "2.heic", "notes.txt")]  # as a shell expands parts/*
    code, out, _ = dlproc("detect", model_file, *files, "--keep-going")
    assert (code, [line[:6] for line in out.splitlines()]) == (2, ["accept", "error ", "error "])
    code, out, err = dlproc("detect", model_file, *files, "--skip-others")
    assert (code, len(out.splitlines())) == (0, 1)
    assert err == (
        f"1 image: 1 accepted\npassed over: other files 1 ({files[2]})\n"
        f"left out, but may be images: {words(files[1])}\n"
    )


def test_a_name_is_that_very_path(dlproc, model_file, folder, pictures, monkeypatch):
    monkeypatch.setenv("HALCONIMAGES", str(folder.absolute()))
    before = dl.get_system("image_dir")
    dl.set_system("image_dir", str(folder.absolute()))
    try:
        for name in ("1.png", "parts/1", "x" * 300 + ".png"):
            code, out, err = dlproc("detect", model_file, name)
            assert (code, out) == (2, "")
            assert err.startswith(f"dlproc: error: {name}: expected an image file; got ")
        assert dlproc("detect", model_file, "1.png")[2].endswith("got no such file\n")
        code, out, _ = dlproc("detect", model_file, "x" * 300 + ".png", "parts/1.png", "--keep-going")
        assert (code, [line[:6] for line in out.splitlines()]) == (2, ["error ", "accept"])
    finally:
        dl.set_system("image_dir", before)


def test_nothing_but_passed_over_is_not_accepted(dlproc, model_file, folder):
    (folder / "1.png").rename(folder / ".1.png")
    code, out, err = dlproc("detect", model_file, folder)
    assert (code, out) == (2, "")
    assert err == (
        f"dlproc: error: {folder}: expected a folder with images; got none in it or below "
        f"(passed over: hidden 1 ({folder / '.1.png'}))\n"
    )


def test_what_lies_beside_good_images_does_not_stop_the_training(dlproc, cells, tmp_path):
    root = tmp_path / "set"
    shutil.copytree(cells, root)
    for number, file in enumerate(sorted((root / "good").iterdir())[:6]):
        with Image.open(file) as picture:
            picture.save(file.with_name(f"photo_{number}.webp"), lossless=True)
        file.unlink()
    for name in ("good/._1.jpg", "good/.DS_Store", "@eaDir/1.png", ".Trash/2.png", ".ipynb_checkpoints/1.png"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(b"no image")
    code, _, err = dlproc("train", root, "-o", tmp_path / "part.hdl", "--size", 64)
    assert code == 0
    assert "24 good images, 8 defective (defective 8)" in err
