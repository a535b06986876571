"""``dlproc check``: what it finds in a folder, and that it finds nothing where there is nothing."""

import json

import numpy as np
import pytest
import tifffile
from PIL import Image


def noise(n, size=(40, 50)):
    return np.random.Generator(np.random.PCG64(n)).integers(0, 256, size, np.uint8)


SIZE = (40, 50)
GOOD = [f"good/{n}.png" for n in range(6)]


def found(dlproc, folder, *options):
    """Exit code, and each finding as kind, severity and files."""
    code, out, _ = dlproc("check", folder, "--json", "--quiet", *options)
    content = json.loads(out)
    return code, [(one["kind"], one["severity"], one["files"]) for one in content["findings"]]


def save(folder, name, pixels, **options):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(folder / name, **options)


def mask(rows=slice(5, 12)):
    pixels = np.zeros(SIZE, np.uint8)
    pixels[rows] = 255
    return pixels


def test_nothing_to_look_at(dlproc, paint):
    folder = paint(dict.fromkeys([*GOOD, "dent/1.png"], SIZE))
    save(folder, "masks/dent/1.png", mask())
    assert found(dlproc, folder) == (0, [])
    code, out, err = dlproc("check", folder)
    assert code == 0
    lines = out.splitlines()
    assert lines[:7] == [
        "folder      files  counts as  masks",
        "dent            1  defective  1",
        "good            6  good",
        "masks/dent      1  masks",
        "",
        "all images have 50 x 40 pixels",
        "",
    ]
    assert lines[7].split() == ["set", "images", "brightness", "contrast"]
    assert lines[8].startswith("good            6  ")
    assert lines[-1] == "nothing to look at"
    assert err == "Reading 7 images\n"


def broken(folder):
    (folder / "good" / "9.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return [], ["good/9.png"]


def contradictory(folder):
    save(folder, "bad/7.bmp", np.asarray(Image.open(folder / "good/3.png")))
    return [], ["bad/7.bmp", "good/3.png"]


def contradictory_in_colour(folder):
    """A grey picture that was saved with three channels, and one gray value all over: the model sees no difference."""
    for name in ("good/7.png", "bad/8.png"):
        save(folder, name, np.full((*SIZE, 3) if "good" in name else SIZE, 90, np.uint8))
    return [], ["bad/8.png", "good/7.png"]


def duplicate(folder):
    (folder / "good" / "7.png").write_bytes((folder / "good" / "3.png").read_bytes())
    return [], ["good/3.png", "good/7.png"]


def empty(folder):
    save(folder, "good/8.png", np.full(SIZE, 7, np.uint8))
    return [], ["good/8.png"]


def mask_of_another_size(folder):
    save(folder, "masks/bad/1.png", np.zeros((40, 51), np.uint8))
    return ["bad/1.png"], ["masks/bad/1.png"]


def broken_mask(folder):
    (folder / "masks" / "bad").mkdir(parents=True)
    (folder / "masks" / "bad" / "1.png").write_bytes(b"")
    return ["bad/1.png"], ["masks/bad/1.png"]


def empty_mask(folder):
    save(folder, "masks/bad/1.png", mask(slice(0)))
    return ["bad/1.png"], ["bad/1.png"]


def white_mask(folder):
    save(folder, "masks/bad/1.png", mask(slice(None)))
    return ["bad/1.png"], ["bad/1.png"]


def mask_of_good_image(folder):
    save(folder, "masks/good/1.png", mask())
    return [], ["good/1.png"]


def lossy_mask(folder):
    save(folder, "masks/bad/1.jpg", mask())
    return ["bad/1.png"], ["bad/1.png"]


def unmatched_mask(folder):
    save(folder, "ground_truth/dent/5_mask.png", mask())
    return [], ["ground_truth/dent/5_mask.png"]


def partly_annotated(folder):
    save(folder, "masks/bad/1.png", mask())
    return ["bad/1.png", "bad/2.png"], ["bad/2.png"]


def not_inspected(folder):
    (folder / "good" / "9.heic").write_bytes(b"\0\0\0\x18ftypheic")
    return [], ["good/9.heic"]


def odd_size(folder):
    for n in range(10, 20):
        save(folder, f"good/{n}.png", noise(n))
    save(folder, "good/20.png", noise(20, (20, 30)))
    return [], ["good/20.png"]


def odd_kind(folder):
    save(folder, "good/20.png", noise(20, (*SIZE, 3)))
    return [], ["good/20.png"]


@pytest.mark.parametrize(
    ("make", "kind", "code"),
    [
        (broken, "broken", 2),
        (contradictory, "contradictory", 2),
        (mask_of_another_size, "mask_unusable", 2),
        (broken_mask, "mask_unusable", 2),
        (duplicate, "duplicate", 1),
        (empty, "empty", 1),
        (empty_mask, "empty_mask", 1),
        (white_mask, "white_mask", 1),
        (mask_of_good_image, "mask_of_good_image", 1),
        (lossy_mask, "lossy_mask", 1),
        (unmatched_mask, "unmatched_mask", 1),
        (partly_annotated, "partly_annotated", 1),
        (not_inspected, "not_inspected", 1),
        (odd_size, "odd_size", 1),
        (odd_kind, "odd_kind", 1),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_each_finding_and_nothing_else(dlproc, paint, make, kind, code):
    folder = paint(dict.fromkeys(GOOD, SIZE))
    more, files = make(folder)
    for n, name in enumerate(more):
        save(folder, name, noise(99 + n))
    severity = "error" if code == 2 else "remark"
    assert found(dlproc, folder) == (code, [(kind, severity, files)])


def test_a_picture_of_one_gray_value_among_good_and_defective_ones(dlproc, paint):
    folder = paint(dict.fromkeys(GOOD, SIZE))
    _, files = contradictory_in_colour(folder)
    code, said = found(dlproc, folder)
    assert code == 2
    assert said[0] == ("contradictory", "error", files)
    assert [kind for kind, _, _ in said[1:]] == ["empty", "odd_kind"]


def test_a_pixel_that_is_no_number(dlproc, paint):
    folder = paint(dict.fromkeys(GOOD, SIZE))
    tifffile.imwrite(folder / "good" / "9.tif", np.full(SIZE, np.nan, np.float32))
    assert found(dlproc, folder) == (2, [("broken", "error", ["good/9.tif"])])


def test_labels_that_are_not_known_or_guessed(dlproc, paint):
    flat = paint(dict.fromkeys(["1.png", "2.png"], SIZE), "flat")
    assert found(dlproc, flat) == (1, [("label_guessed", "remark", [])])
    assert found(dlproc, flat, "--good", ".") == (0, [])
    unknown = paint(dict.fromkeys(["a/1.png", "b/2.png"], SIZE), "unknown")
    assert found(dlproc, unknown) == (2, [("label_not_known", "error", ["a/1.png", "b/2.png"])])
    assert dlproc("check", unknown)[1].splitlines()[-3:] == [
        "error: nothing says whether 2 images are good, in a, b: --good NAME or --defective NAME says it",
        "  a/1.png",
        "  b/2.png",
    ]
    assert found(dlproc, unknown, "--good", "a", "--defective", "b") == (0, [])


def test_a_copy_whose_label_is_not_known_contradicts_nothing(dlproc, paint):
    folder = paint(dict.fromkeys(["train/good/1.png", "train/good/2.png", "test/3.png"], SIZE))
    (folder / "test/4.png").write_bytes((folder / "train/good/1.png").read_bytes())
    _, said = found(dlproc, folder)
    assert [kind for kind, _, _ in said] == ["label_not_known", "duplicate"]


def test_the_light_of_the_sets(dlproc, paint):
    """Good images around 100, those of the test around 150: a shift of many standard deviations."""
    folder = paint({})
    generator = np.random.Generator(np.random.PCG64(5))
    for split, offset in (("train", 100), ("test", 150)):
        for n in range(8):
            pixels = np.clip(generator.normal(offset + n, 20, SIZE), 0, 255).astype(np.uint8)
            save(folder, f"{split}/good/{n}.png", pixels)
    code, out, _ = dlproc("check", folder, "--quiet")
    assert code == 1
    (line,) = [line for line in out.splitlines() if line.startswith("remark")]
    assert line.startswith(
        "remark: the brightness of 'good, test', 153 gray values on average, is not that of 'good, train'"
    )
    assert line.endswith(" standard deviations; a model may take the light for a defect")


def test_a_copy_in_train_and_test(dlproc, paint):
    folder = paint(dict.fromkeys(["train/good/1.png", "train/good/2.png", "test/good/3.png"], SIZE))
    (folder / "test/good/4.png").write_bytes((folder / "train/good/1.png").read_bytes())
    code, out, _ = dlproc("check", folder, "--quiet")
    assert code == 1
    assert "remark: the same picture is trained on and tested with" in out.splitlines()


def test_many_files_of_one_finding_are_counted(dlproc, paint):
    folder = paint(dict.fromkeys(GOOD, SIZE))
    for n in range(7):
        (folder / "good" / f"copy{n}.png").write_bytes((folder / "good" / "3.png").read_bytes())
    out = dlproc("check", folder)[1].splitlines()
    assert out[-7:] == [
        "remark: 7 of 13 images are there twice",
        *(f"  good/{name}.png" for name in ("3", "copy0", "copy1", "copy2", "copy3")),
        "  and 3 more",
    ]


def test_no_folder(dlproc, tmp_path):
    assert dlproc("check", tmp_path / "none") == (
        2,
        "",
        f"dlproc: error: {tmp_path / 'none'}: expected a folder of images; got no such folder\n",
    )
