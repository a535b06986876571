"""A model file with a right checksum and wrong content: an error that names the file when it is read, not later."""

import copy

import numpy as np
import pytest

import dlproc as dl
from dlproc.io.container import read_container, write_container


@pytest.fixture(scope="module")
def content(workflow, tmp_path_factory):
    path = tmp_path_factory.mktemp("damaged") / "model.hdl"
    dl.write_dl_model(workflow.model, path)
    return read_container(path, "dl_model")


def put(tree, path, value):
    *above, last = path
    for key in above:
        tree = tree[key]
    if value is DELETE:
        del tree[last]
    else:
        tree[last] = value(tree[last]) if callable(value) else value


DELETE = object()


def with_nan(array):
    array = array.copy()
    array.flat[3] = np.nan
    return array


CASES = [
    ("no_method", ["method"], DELETE, "expected a dictionary with method, method_version, backbone, parameters, "),
    ("another_key", ["more"], 1, "expected a dictionary with method, method_version, backbone, parameters, "),
    ("method", ["method"], "magic", "expected a model whose method this dlproc knows; got 'magic'"),
    ("list_as_method", ["method"], [], "expected the content of a model; got another content: TypeError, "),
    ("type", ["parameters", "type"], "classification", "as parameters['type']; got 'classification'"),
    ("no_type", ["parameters", "type"], DELETE, "as parameters['type']; got None"),
    ("parameter", ["parameters", "colour"], 1, "as parameters; got 'colour'"),
    ("width", ["parameters", "image_width"], -32, "got -32"),
    ("larger", ["parameters", "image_width"], 256, "expected [8, 16], as for the size of the model's images as"),
    ("huge", ["parameters", "image_width"], 32 * 10**9, "as for the size of the model's images as reference['grid']"),
    ("meta_data", ["parameters", "meta_data"], {"a": 1}, "expected a string as parameters['meta_data']['a']"),
    ("rules", ["parameters", "decision_rules"], [{"name": 1}], "decision_rules"),
    ("training", ["training"], [], "expected dictionaries 'parameters' and 'training' as model; got "),
    ("fingerprints", ["training", "image_fingerprints"], np.zeros(3), "as training['image_fingerprints']; got float64"),
    ("light", ["training", "image_brightness"], np.full((3, 2), np.nan), "as training['image_brightness']; got "),
    ("n_images", ["training", "n_images"], "many", "expected an integer >= 0 as training['n_images']; got 'many'"),
    (
        "param",
        ["training", "anomaly_param"],
        {"domain_ratio": 7},
        "as training['anomaly_param']['domain_ratio']; got 7",
    ),
    ("reference", ["reference"], 7, "as for the size of the model's images as reference['grid']; got None"),
    ("no_bank", ["reference", "bank"], DELETE, "expected the arrays projection, mean, whitening, bank, "),
    ("bank_of_text", ["reference", "bank"], "b", "expected an array (M, D) of reals as reference['bank']; got 'b'"),
    ("bank_of_integers", ["reference", "bank"], lambda a: a.astype(np.int8), "of reals as reference['bank']; got int8"),
    ("bank_of_doubles", ["reference", "bank"], lambda a: a.astype(float), "of reals as reference['bank']; got float64"),
    ("empty_bank", ["reference", "bank"], lambda a: a[:0], "expected an array that is not empty as reference['bank']"),
    (
        "narrow_bank",
        ["reference", "bank"],
        lambda a: a[:, :-1],
        "152) as reference['bank']; got float16 array of shape",
    ),
    ("nan", ["reference", "mean"], with_nan, "expected finite numbers as reference['mean']; got NaN or infinity"),
    ("fewer_places", ["reference", "mean"], lambda a: a[:-1], "expected an array of shape (64, "),
    ("turned", ["reference", "projection"], lambda a: a.T.copy(), "as reference['projection']; got float32 array of"),
    ("few_blocks", ["reference", "whitening"], lambda a: a[:7], "expected a covariance for each place, or block of "),
    ("conversion", ["conversion"], {"precision": "int8"}, "expected a dictionary with precision, runtime, "),
]


@pytest.mark.parametrize(("path", "value", "message"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_wrong_content(content, tmp_path, path, value, message):
    changed = copy.deepcopy(content)
    put(changed, path, value)
    file = tmp_path / "damaged.hdl"
    write_container(file, changed, "dl_model")
    with pytest.raises(dl.DLFileError) as caught:
        dl.read_dl_model(file)
    assert str(caught.value).startswith(f"{file}: expected ")
    assert message in str(caught.value)
    assert caught.value.halcon_code in (7780, 7782)


def test_another_version_of_the_method(content, tmp_path):
    file = tmp_path / "other.hdl"
    write_container(file, {**content, "method_version": 99}, "dl_model")
    with pytest.raises(dl.DLVersionError, match="expected a model trained by version"):
        dl.read_dl_model(file)


def test_the_content_as_it_is_can_be_read(content, tmp_path, workflow):
    file = tmp_path / "model.hdl"
    write_container(file, content, "dl_model")
    samples = workflow.samples()[:1]
    again = dl.apply_dl_model(dl.read_dl_model(file), samples)[0]["anomaly_score"]
    assert again == dl.apply_dl_model(workflow.model, samples)[0]["anomaly_score"]


def test_scores_that_are_no_numbers(content, tmp_path, workflow):
    """NaN is not above any threshold: such an image would be accepted."""
    changed = copy.deepcopy(content)
    changed["reference"]["projection"] = changed["reference"]["projection"] * 0 + np.float32(1e30)
    write_container(tmp_path / "model.hdl", changed, "dl_model")
    model = dl.read_dl_model(tmp_path / "model.hdl")
    with pytest.raises(dl.DLModelError) as caught:
        dl.apply_dl_model(model, workflow.samples()[:1])
    assert str(caught.value) == (
        "dl_model_handle: expected a model whose scores are finite; got NaN or infinity (its file is damaged; train it again)"
    )
