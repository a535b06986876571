"""What each file of a folder is, by its name: one rule for plain folders and for the layout of MVTec AD."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dlproc as dl
from dlproc.cli.folder_table import rows_of
from dlproc.io.image_folder import ImageFolder
from dlproc.io.layout import arrange

GOOD, BAD, NOT_KNOWN = "ok", "nok", ""


def described(names, **options):
    layout = arrange(names, **options)
    return {image.name: (image.label, image.split, image.masks) for image in layout.images}


# Each line: files, options, and for each image label, split and masks.
LABELS = {
    "the nearest folder with a meaning": (
        ["good/a.png", "good/day2/b.png", "bad/c.png", "bad/good/d.png", "good/NG/e.png"],
        {},
        {
            "good/a.png": (GOOD, "", ()),
            "good/day2/b.png": (GOOD, "", ()),
            "bad/c.png": (BAD, "", ()),
            "bad/good/d.png": (GOOD, "", ()),
            "good/NG/e.png": (BAD, "", ()),
        },
    ),
    "any case": (
        ["GOOD/1.png", "Ok/2.png", "Scratch/3.png"],
        {},
        {"GOOD/1.png": (GOOD, "", ()), "Ok/2.png": (GOOD, "", ()), "Scratch/3.png": (BAD, "", ())},
    ),
    "a part of a word is no word": (
        ["good/1.png", "not_good/2.png", "goods/3.png"],
        {},
        {"good/1.png": (GOOD, "", ()), "not_good/2.png": (BAD, "", ()), "goods/3.png": (BAD, "", ())},
    ),
    "directly in the folder, beside good": (
        ["good/1.png", "2.png"],
        {},
        {"good/1.png": (GOOD, "", ()), "2.png": (BAD, "", ())},
    ),
    "nothing says it": (["1.png", "a/2.png"], {"root_name": "set"}, {"1.png": ("", "", ()), "a/2.png": ("", "", ())}),
    "the name of the folder itself": (
        ["1.png", "day2/2.png"],
        {"root_name": "Bad"},
        {"1.png": (BAD, "", ()), "day2/2.png": (BAD, "", ())},
    ),
    "the folder itself where others say it": (
        ["good/1.png", "dent/2.png"],
        {"root_name": "ok"},
        {"good/1.png": (GOOD, "", ()), "dent/2.png": (BAD, "", ())},
    ),
    "names that the caller adds": (
        ["OK_parts/1.png", "normal/b/2.png", "good/dirty/3.png", "good/4.png"],
        {"good": ["ok_parts", "normal/"], "defective": ["./good/dirty"]},
        {
            "OK_parts/1.png": (GOOD, "", ()),
            "normal/b/2.png": (GOOD, "", ()),
            "good/dirty/3.png": (BAD, "", ()),
            "good/4.png": (GOOD, "", ()),
        },
    ),
    "the folder itself, by the caller": (
        ["1.png", "dent/2.png"],
        {"good": ["."], "defective": ["dent"]},
        {"1.png": (GOOD, "", ()), "dent/2.png": (BAD, "", ())},
    ),
    "only defective ones have a name": (
        ["bad/1.png", "a/2.png"],
        {},
        {"bad/1.png": (BAD, "", ()), "a/2.png": (NOT_KNOWN, "", ())},
    ),
}
SPLITS = {
    "MVTec AD": (
        ["train/good/1.png", "test/good/1.png", "test/hole/1.png", "ground_truth/hole/1_mask.png"],
        {},
        {
            "train/good/1.png": (GOOD, "train", ()),
            "test/good/1.png": (GOOD, "test", ()),
            "test/hole/1.png": (BAD, "test", ("ground_truth/hole/1_mask.png",)),
        },
    ),
    "ok and ng": (
        ["train/ok/1.png", "test/ok/1.png", "test/ng/1.png", "ground_truth/ng/1_mask.png"],
        {},
        {
            "train/ok/1.png": (GOOD, "train", ()),
            "test/ok/1.png": (GOOD, "test", ()),
            "test/ng/1.png": (BAD, "test", ("ground_truth/ng/1_mask.png",)),
        },
    ),
    "any case of MVTec": (
        ["Train/Good/1.png", "TEST/NG/1.png", "Test/Good/2.png", "Ground_Truth/ng/1_Mask.png"],
        {},
        {
            "Train/Good/1.png": (GOOD, "train", ()),
            "TEST/NG/1.png": (BAD, "test", ("Ground_Truth/ng/1_Mask.png",)),
            "Test/Good/2.png": (GOOD, "test", ()),
        },
    ),
    "no sub-folder in train": (
        ["train/1.png", "train/bad/2.png", "test/dent/1.png", "test/good/2.png"],
        {},
        {
            "train/1.png": (GOOD, "train", ()),
            "train/bad/2.png": (BAD, "test", ()),
            "test/dent/1.png": (BAD, "test", ()),
            "test/good/2.png": (GOOD, "test", ()),
        },
    ),
    "validation": (
        ["train/good/1.png", "validation/good/2.png", "validation/dent/3.png", "test/good/4.png"],
        {},
        {
            "train/good/1.png": (GOOD, "train", ()),
            "validation/good/2.png": (GOOD, "validation", ()),
            "validation/dent/3.png": (BAD, "test", ()),
            "test/good/4.png": (GOOD, "test", ()),
        },
    ),
    "validation without a sub-folder": (
        ["train/good/1.png", "val/2.png"],
        {},
        {"train/good/1.png": (GOOD, "train", ()), "val/2.png": (GOOD, "validation", ())},
    ),
    "nested folders of classes": (
        ["train/good/a/1.png", "test/crack/a/1.png", "ground_truth/crack/a/1_mask.png", "ground_truth/crack/b/1.png"],
        {},
        {
            "train/good/a/1.png": (GOOD, "train", ()),
            "test/crack/a/1.png": (BAD, "test", ("ground_truth/crack/a/1_mask.png",)),
        },
    ),
    "folders of train without a meaning": (
        ["train/day1/1.png", "test/good/2.png"],
        {},
        {"train/day1/1.png": (NOT_KNOWN, "train", ()), "test/good/2.png": (GOOD, "test", ())},
    ),
    "directly in test": (
        ["train/good/1.png", "test/2.png"],
        {},
        {"train/good/1.png": (GOOD, "train", ()), "test/2.png": (NOT_KNOWN, "test", ())},
    ),
    "outside of the splits": (
        ["train/good/1.png", "extra/2.png"],
        {},
        {"train/good/1.png": (GOOD, "train", ()), "extra/2.png": (NOT_KNOWN, "", ())},
    ),
    "no train, no splits": (
        ["test/good/1.png", "test/dent/2.png"],
        {},
        {"test/good/1.png": (GOOD, "", ()), "test/dent/2.png": (BAD, "", ())},
    ),
    "MVTec LOCO AD": (
        [
            *("train/good/000.png", "validation/good/000.png", "test/good/000.png", "test/logical_anomalies/000.png"),
            *("test/structural_anomalies/000.png", "ground_truth/structural_anomalies/000/000.png"),
            *(f"ground_truth/logical_anomalies/000/{n}.png" for n in ("000", "001")),
        ],
        {},
        {
            "train/good/000.png": (GOOD, "train", ()),
            "validation/good/000.png": (GOOD, "validation", ()),
            "test/good/000.png": (GOOD, "test", ()),
            "test/logical_anomalies/000.png": (
                BAD,
                "test",
                ("ground_truth/logical_anomalies/000/000.png", "ground_truth/logical_anomalies/000/001.png"),
            ),
            "test/structural_anomalies/000.png": (BAD, "test", ("ground_truth/structural_anomalies/000/000.png",)),
        },
    ),
    "MVTec AD 2": (
        [
            *("train/good/0.png", "validation/good/0.png", "test_public/good/0.png", "test_public/bad/0.png"),
            *("test_public/ground_truth/bad/0_mask.png", "test_private/0.png"),
        ],
        {},
        {
            "train/good/0.png": (GOOD, "train", ()),
            "validation/good/0.png": (GOOD, "validation", ()),
            "test_public/good/0.png": (GOOD, "test", ()),
            "test_public/bad/0.png": (BAD, "test", ("test_public/ground_truth/bad/0_mask.png",)),
            "test_private/0.png": (NOT_KNOWN, "", ()),
        },
    ),
    "VisA": (
        ["Data/Images/Normal/1.JPG", "Data/Images/Anomaly/1.JPG", "Data/Masks/Anomaly/1.png"],
        {"good": ["normal"]},
        {
            "Data/Images/Normal/1.JPG": (GOOD, "", ()),
            "Data/Images/Anomaly/1.JPG": (BAD, "", ("Data/Masks/Anomaly/1.png",)),
        },
    ),
}


@pytest.mark.parametrize(("names", "options", "expected"), [*LABELS.values(), *SPLITS.values()], ids=[*LABELS, *SPLITS])
def test_labels_and_splits(names, options, expected):
    assert described(names, **options) == expected


@pytest.mark.parametrize(
    "mask",
    [
        "masks/bad/x.png",
        "masks/bad/x_mask.png",
        "masks/bad/x_gt.bmp",
        "masks/bad/x-GT.png",
        "masks/bad/x.mask.png",
        "masks/bad/mask_x.png",
        "masks/bad/gt_x.png",
        "masks/x.png",
        "masks/defects/x.png",
        "GT/x_label.png",
        "bad/ground_truth/x.png",
        "bad/x_mask.png",
        "bad/mask_x.png",
        "bad/x_mask_1.png",
        "masks/bad/x/000.png",
        "masks/x/part.png",
    ],
)
def test_a_mask_is_no_image_and_finds_its_image(mask):
    names = ["good/y.png", "bad/x.png", mask]
    assert described(names) == {"bad/x.png": (BAD, "", (mask,)), "good/y.png": (GOOD, "", ())}


def test_a_name_of_a_mask_without_its_image_is_an_image():
    assert list(described(["good/1.png", "good/face_mask.png"])) == ["good/1.png", "good/face_mask.png"]


@pytest.mark.parametrize(
    ("names", "masks"),
    [
        (["bad/x.png", "bad/x_mask_0.png", "bad/x_mask_1.png"], ("bad/x_mask_0.png", "bad/x_mask_1.png")),
        (["bad/x.png", "gt/bad/x/1.png", "gt/bad/x/2.png"], ("gt/bad/x/1.png", "gt/bad/x/2.png")),
        (["bad/x.png", "gt/x_mask.png", "gt/x_mask2.png"], ("gt/x_mask.png", "gt/x_mask2.png")),
    ],
)
def test_parts_of_a_mask_are_united(names, masks):
    assert described(names)["bad/x.png"][2] == masks


def test_the_whole_path_decides():
    """Of images with one base name each gets its own mask; a mask without its image goes to no other."""
    names = ["good/1.png", "hole/1.png", "dent/1.png", "masks/hole/1.png", "masks/dent/1.png", "masks/dent/2.png"]
    layout = arrange([*names, "masks/crack/1.png"])
    assert {image.name: image.masks for image in layout.images} == {
        "good/1.png": (),
        "hole/1.png": ("masks/hole/1.png",),
        "dent/1.png": ("masks/dent/1.png",),
    }
    assert layout.unmatched == ["masks/crack/1.png", "masks/dent/2.png"]


def test_masks_of_a_folder_that_is_not_there_go_to_no_good_image():
    names = ["good/5.png", "ground_truth/dent/5_mask.png", "ground_truth/dent/6_mask.png"]
    assert arrange(names).unmatched == names[1:]


def test_training_images_beside_good_ones_elsewhere_are_not_taken_for_good():
    names = ["good/1.png", "train/2.png", "test/good/3.png"]
    assert described(names)["train/2.png"] == (NOT_KNOWN, "train", ())


def test_a_mask_of_a_test_image_goes_to_no_training_image():
    names = ["train/1.png", "train/good/2.png", "test/good/2.png", "test/dent/1.png", "ground_truth/1_mask.png"]
    assert [name for name, (_, _, masks) in described(names).items() if masks] == ["test/dent/1.png"]


FOLDERS = "name the folders of the masks as those of their images"
PARTS = "parts of one mask are numbered: NAME/000.png, NAME/001.png or NAME_mask_0.png, NAME_mask_1.png"


@pytest.mark.parametrize(
    ("names", "options", "message"),
    [
        (
            ["good/1.png", "bad/1.png", "masks/1.png"],
            {},
            f"masks/1.png: expected a mask of one image; got one that fits 2: bad/1.png, good/1.png ({FOLDERS})",
        ),
        (
            ["bad/1.png", "bad/1.jpg", "masks/bad/1_mask.png"],
            {},
            f"masks/bad/1_mask.png: expected a mask of one image; got one that fits 2: bad/1.jpg, bad/1.png ({FOLDERS})",
        ),
        (
            ["bad/1.png", "masks/bad/1_mask.png", "masks/bad/1.png"],
            {},
            f"bad/1.png: expected one mask; got 2: masks/bad/1.png, masks/bad/1_mask.png ({PARTS})",
        ),
        (
            ["normal/1.png", "dent/1.png"],
            {"good": ["norml"]},
            "gen_param['good']: expected the name of a folder with images; got 'norml' (did you mean 'normal'?)",
        ),
        (
            ["a/b/1.png"],
            {"defective": ["xyz"]},
            "gen_param['defective']: expected the name of a folder with images; got 'xyz' (there are: a, a/b, b)",
        ),
        (
            ["a/1.png"],
            {"good": ["a"], "defective": ["A"]},
            "gen_param['defective']: expected a folder that is not named as good, too; got 'A'",
        ),
    ],
)
def test_contradictions_and_misspelt_names(names, options, message):
    with pytest.raises(dl.DLError) as caught:
        arrange(names, **options)
    assert str(caught.value) == message


def test_masks_that_the_caller_names():
    names = ["good/1.png", "bad/2.png", "segm/bad/2.png", "masks/bad/2.png"]
    layout = arrange(names, masks="segm")
    assert [image.masks for image in layout.images] == [("segm/bad/2.png",), ()]
    assert (layout.masks, layout.other_masks) == (["segm/bad/2.png"], ["masks/bad/2.png"])
    layout = arrange(names[:2], outside_masks=["2.png", "3.png"])
    assert [image.masks for image in layout.images] == [("2.png",), ()]
    assert layout.unmatched == ["3.png"]


PARTS_OF_NAMES = st.sampled_from(
    ["good", "OK", "bad", "day2", "train", "test", "val", "masks", "ground_truth", "crack"]
)
NAMES = st.lists(
    st.builds(
        lambda folders, stem: "/".join([*folders, stem]),
        st.lists(PARTS_OF_NAMES, max_size=3),
        st.sampled_from(["1.png", "2.png", "1_mask.png", "mask_2.png", "000.png"]),
    ),
    unique=True,
    max_size=12,
)


@settings(max_examples=200, deadline=None)
@given(NAMES, st.randoms(use_true_random=False))
def test_the_order_of_the_files_changes_nothing_and_each_counts_once(names, random):
    shuffled = list(names)
    random.shuffle(shuffled)
    try:
        layout = arrange(names)
    except dl.DLDataError as error:
        with pytest.raises(dl.DLDataError) as caught:
            arrange(shuffled)
        assert str(caught.value) == str(error)
        return
    assert arrange(shuffled) == layout
    assert sorted([*(image.name for image in layout.images), *layout.masks]) == sorted(names)
    rows = rows_of(ImageFolder(Path(), None, layout))
    assert sum(row.n_files for row in rows) == len(names)
    assert len({(row.folder, row.counts_as) for row in rows}) == len(rows)
    used = [mask for image in layout.images for mask in image.masks]
    assert sorted([*used, *layout.unmatched]) == layout.masks  # no mask is shared
    for image in layout.images:
        assert image.split in ("", "train", "validation", "test")
        assert not (image.label == "nok" and image.split in ("train", "validation"))


@pytest.mark.parametrize("mask", ["bad/img_1_mask.png", "masks/bad/img_1.png", "masks/img_1_MASK.png"])
def test_upper_and_lower_case_of_a_mask_do_not_matter(mask):
    assert described(["good/y.png", "bad/IMG_1.PNG", mask])["bad/IMG_1.PNG"][2] == (mask,)
    both = described(["good/y.png", "bad/IMG_1.PNG", "bad/img_1.PNG", mask])
    assert (both["bad/IMG_1.PNG"][2], both["bad/img_1.PNG"][2]) == ((), (mask,))
