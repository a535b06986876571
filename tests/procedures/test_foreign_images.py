"""What is often taken for an image: the error says what to pass."""

import contextlib
import inspect
import io
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import dlproc as dl

GRAY = np.zeros((3, 4), np.uint8)
PNG = io.BytesIO()
Image.fromarray(GRAY).save(PNG, "PNG")
FOREIGN = {  # what is passed, how it is described, and the way out
    "none": (None, "None", ""),
    "path": (Path("a.png"), f"{Path('a.png')!r}", " (read_image reads a file)"),
    "name": ("a.png", "'a.png'", " (read_image reads a file)"),
    "bytes": (
        PNG.getvalue(),
        f"{len(PNG.getvalue())} bytes",
        " (read_image reads a file; np.asarray(PIL.Image.open(io.BytesIO(content))) is an array)",
    ),
    "PIL": (
        Image.fromarray(GRAY),
        "a PIL image of 4 x 3 pixels, mode 'L'",
        " (np.asarray(image) is an array)",
    ),
    "tensor": (
        torch.zeros(1, 3, 4, dtype=torch.float32),
        "a torch Tensor of shape (1, 3, 4), torch.float32",
        " (tensor.cpu().numpy() is an array; the channels come last: tensor.permute(1, 2, 0))",
    ),
    "masked": (
        np.ma.masked_equal(GRAY, 0),
        "masked uint8 array of shape (3, 4)",
        " (image.filled(0) is an array; reduce_domain says which pixels count)",
    ),
    "lists": (GRAY.tolist(), "[[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]", " (np.array(image, np.uint8) is an array)"),
    "number": (7, "7", ""),
}
PARAM = dl.create_dl_preprocess_param("anomaly_detection", 32, 32, 3)
each_foreign = pytest.mark.parametrize(("image", "described", "hint"), FOREIGN.values(), ids=FOREIGN)


@each_foreign
def test_in_a_sample(image, described, hint):
    sample = {"image": image}
    with pytest.raises(dl.DLDictError) as caught:
        dl.preprocess_dl_samples([sample], PARAM)
    message = str(caught.value)
    assert message.startswith("dl_sample_batch[0]['image']: expected ")
    assert message.endswith(f"; got {described}{hint}")
    assert sample == {"image": image} or sample["image"] is image


@each_foreign
def test_given_to_the_model(workflow, image, described, hint):
    with pytest.raises(dl.DLDictError) as caught:
        dl.apply_dl_model(workflow.model, [{"image": image}])
    usual = " (run preprocess_dl_samples with the parameters of this model first)"
    assert str(caught.value) == (
        f"dl_sample_batch[0]['image']: expected float32 array of shape (128, 128, 3); got {described}{hint or usual}"
    )


@each_foreign
def test_made_into_samples(image, described, hint):
    with pytest.raises(dl.DLDictError) as caught:
        dl.gen_dl_samples_from_images([GRAY, image])
    assert str(caught.value) == (f"images[1]: expected an array of shape (H, W) or (H, W, C); got {described}{hint}")
    with pytest.raises(dl.DLDictError) as caught:
        dl.gen_dl_samples_from_images(image)
    if not isinstance(image, list | np.ndarray):
        assert str(caught.value) == f"images: expected an image, or a list of images; got {described}{hint}"


@each_foreign
@pytest.mark.parametrize("operator", [dl.get_image_size, dl.rgb1_to_gray, dl.count_channels])
def test_given_to_an_operator(operator, image, described, hint):
    with pytest.raises(dl.DLParamError) as caught:
        operator(image)
    if not isinstance(image, list):
        expected = f"image: expected an image, an array of numbers (H, W) or (H, W, C); got {described}{hint}"
        assert str(caught.value).endswith(expected)


def test_an_iterator_of_images_is_a_list_of_them():
    assert len(dl.gen_dl_samples_from_images(iter([GRAY, GRAY]))) == 2


def test_an_object_that_cannot_be_printed():
    class Hostile:
        def __repr__(self):
            raise ValueError("no words")

    with pytest.raises(dl.DLDictError, match=r"got an object of type Hostile$"):
        dl.gen_dl_samples_from_images(Hostile())


ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.binary(max_size=5),
    st.just(object()), st.just(Path("x")), st.just(np.ma.masked_equal(GRAY, 0)),
    st.just(torch.zeros(2, 2)), st.just(np.zeros((2, 2), object)), st.just(np.zeros((2, 2), complex)),
    st.just(np.array("text")), st.just(np.zeros(0)), st.just(np.array(["2020-01-01"], "M8[D]")), st.just(print),
    st.just({}), st.just({1: 2}), st.just([]), st.just([[]]), st.just(range(3)), st.just({1}), st.just(2**70),
)  # fmt: skip
NAMES = [
    "apply_dl_decision_rules", "check_dl_preprocess_param", "create_dl_preprocess_param", "create_dl_train_param",
    "create_dl_preprocess_param_from_model", "compute_dl_anomaly_thresholds", "estimate_dl_operating_points",
    "evaluate_dl_model", "find_dl_samples", "gen_dl_samples", "gen_dl_samples_from_images", "get_dl_anomaly_regions",
    "preprocess_dl_dataset", "preprocess_dl_samples", "read_dl_dataset_anomaly", "read_dl_samples", "split_dl_dataset",
    "threshold_dl_anomaly_results", "write_dl_report", "write_dl_samples", "apply_dl_model", "train_dl_model",
    "train_dl_model_anomaly_dataset", "extend_dl_model", "get_dl_model_param", "set_dl_model_param", "read_image",
    "write_dict", "read_dict", "copy_dict", "write_dl_model", "read_dl_model", "dev_display_dl_data",
    "dev_display_dl_data_tiled", "dev_display_anomaly_detection_evaluation", "gen_confusion_matrix",
    "get_dl_class_colors", "add_colormap_to_image", "preprocess_dl_model_images", "optimize_dl_model_for_inference",
]  # fmt: skip


def parameters_of(name):
    return list(inspect.signature(getattr(dl, name)).parameters.values())


@pytest.mark.parametrize("name", NAMES)
def test_odd_arguments_raise_errors_of_dlproc(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    parameters = parameters_of(name)
    n_needed = sum(parameter.default is parameter.empty for parameter in parameters)
    one = ODD | st.lists(ODD, max_size=2) | st.dictionaries(st.text(max_size=3), ODD, max_size=2)
    arguments = st.lists(one, min_size=n_needed, max_size=len(parameters))

    @settings(max_examples=20, deadline=None, derandomize=True, database=None)
    @given(arguments=arguments)
    def calls(arguments):
        with contextlib.suppress(dl.DLError):
            getattr(dl, name)(*arguments)

    calls()
