"""The drop-in for HALCON's Python bindings."""

import ast
import inspect
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import dlproc as dl
import dlproc.halcon as ha
from dlproc.hdevelop.functions import FUNCTIONS
from dlproc.hdevelop.operators import OPERATORS

WHEEL = "mvtec-halcon==26050.0.0"
NOT_OPERATORS = {"from_python_dict", "as_python_dict", "as_python_dict_s", "himage_from_numpy_array", "himage_as_numpy_array"}  # fmt: skip


def functions():
    return {
        name: function
        for name, function in vars(ha).items()
        if inspect.isfunction(function) and function.__module__ == ha.__name__ and not name.startswith("_")
    }


@pytest.fixture(scope="module")
def bindings(tmp_path_factory):
    """The source texts of the official bindings; they are read, never imported."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), WHEEL]
    finished = subprocess.run(command, capture_output=True, text=True)
    wheels = list(folder.glob("*.whl"))
    if not wheels:
        reason = f"{WHEEL} cannot be downloaded: {finished.stderr.splitlines()[-1:]}"
        if os.environ.get("DLPROC_NEED_WHEEL"):
            pytest.fail(reason)
        pytest.skip(reason)
    trees = {}
    with zipfile.ZipFile(wheels[0]) as wheel:
        for name in ("operator_set", "python_interop", "numpy_interop"):
            for node in ast.parse(wheel.read(f"halcon/{name}.py")).body:
                if isinstance(node, ast.FunctionDef):
                    trees[node.name] = node
    return trees


def test_every_function_has_the_arguments_of_the_bindings(bindings):
    assert len(functions()) == 36
    for name, function in functions().items():
        theirs = bindings[name].args
        ours = inspect.signature(function).parameters
        assert list(ours) == [argument.arg for argument in theirs.args], name
        defaults = [parameter.default for parameter in ours.values() if parameter.default is not parameter.empty]
        assert defaults == [ast.literal_eval(default) for default in theirs.defaults], name
        assert (name in NOT_OPERATORS) or not defaults, name


def test_the_table_of_the_translator_has_the_arguments_of_the_bindings(bindings):
    """In their order. Three differ in a name: 'Regions' for 'Region', 'Row1' for 'Row1In'."""

    def plain(name):
        return name.replace("_", "").removesuffix("in").replace("regions", "region")

    shared = [name for name in OPERATORS if name in bindings]
    assert len(shared) > 250
    for name in shared:
        theirs = [plain(argument.arg) for argument in bindings[name].args.args]
        assert [plain(parameter.name.lower()) for parameter in OPERATORS[name].inputs] == theirs, name


def test_all_tuple_operators_of_the_bindings_are_here(bindings):
    theirs = {name for name in bindings if name.startswith("tuple_")}
    theirs = {name for name in theirs if not (name.endswith("_s") and name[:-2] in theirs)}
    ours = {function.operator for function in FUNCTIONS.values()} | set(OPERATORS)
    assert theirs - ours == set()


def test_what_the_documentation_says_is_missing_exists_in_halcon(bindings):
    """Operators do; these are procedures, operators of HDevelop itself, and two that HALCON has no more."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "docs"))
    from operator_notes import NOT_YET

    missing = {name for _, names, _ in NOT_YET for name in names.split() if name not in bindings}
    assert missing == {
        *("augment_dl_samples", "determine_dl_model_detection_param", "gen_dl_segmentation_weight_images"),
        *("dev_display_classification_evaluation", "dev_display_detection_detailed_evaluation"),
        *("dev_display_segmentation_evaluation", "preprocess_dl_model_bbox_rect1", "preprocess_dl_model_segmentations"),
        *("read_dl_dataset_classification", "read_dl_dataset_from_coco", "read_dl_dataset_ocr_recognition"),
        *("read_dl_dataset_segmentation", "gen_arrow_contour_xld", "gen_cam_par_area_scan_division"),
        *("visualize_object_model_3d", "create_template", "best_match"),
    }


def test_all_of_the_dictionary_operators_are_here(bindings):
    theirs = {name for name in bindings if name.endswith(("_dict", "_dict_s", "_json", "_json_s")) or "_dict_" in name}
    assert {name for name in theirs if not name.startswith("_") and "transform" not in name} <= set(functions())


def test_a_script_of_the_bindings(workflow, tmp_path):
    """Read, preprocess, apply, look at the result: as such a script has it."""
    ha.write_dl_model(workflow.model, str(tmp_path / "model.hdl"))
    model = ha.read_dl_model(str(tmp_path / "model.hdl"))
    assert ha.get_dl_model_param(model, "image_dimensions") == [128, 128, 3]
    assert ha.get_dl_model_param_s(model, "type") == "anomaly_detection"
    device = ha.query_available_dl_devices(["runtime", "ai_accelerator_interface"], ["cpu", "none"])[0]
    assert ha.get_dl_device_param_s(device, "runtime") == "cpu"
    ha.set_dl_model_param(model, "device", device)
    (picture,) = dl.read_image([next((workflow.image_dir / "defective").iterdir())])
    sample = ha.from_python_dict({"image": ha.himage_from_numpy_array(picture)})
    dl.preprocess_dl_samples([sample], workflow.param)
    (result,) = ha.apply_dl_model(model, [sample], [])
    (expected,) = dl.apply_dl_model(workflow.model, [sample])
    assert ha.get_dict_tuple(result, "anomaly_score") == [expected["anomaly_score"]]
    assert ha.get_dict_tuple_s(result, "anomaly_score") == expected["anomaly_score"]
    scores = ha.himage_as_numpy_array(ha.get_dict_object(result, "anomaly_image"))
    np.testing.assert_array_equal(scores, expected["anomaly_image"])
    ha.clear_dl_model(model)


def test_training_with_handles(workflow):
    model = ha.read_dl_model("initial_dl_anomaly_medium.hdl")
    ha.set_dl_model_param(model, "image_dimensions", [128, 128, 3])
    param = ha.create_dict()
    ha.set_dict_tuple(param, "domain_ratio", 0.05)
    result = ha.train_dl_model_anomaly_dataset(model, workflow.samples("train"), param)
    assert 0 <= ha.get_dict_tuple_s(result, "final_error") <= 1


def test_dictionaries():
    own = ha.create_dict()
    ha.set_dict_tuple(own, "a", [1])
    ha.set_dict_tuple(own, "b", 2.5)
    ha.set_dict_tuple_at(own, "a", 1, "x")
    assert ha.get_dict_tuple(own, "a") == [1, "x"]
    assert ha.get_dict_tuple(own, "b") == [2.5]
    assert ha.get_dict_param(own, "keys", []) == ["a", "b"]
    assert ha.get_dict_param_s(own, "key_exists", "c") == 0
    assert ha.dict_to_json_s(own, [], []) == '{"a": [1, "x"], "b": 2.5}'
    assert ha.json_to_dict(['{"a": 1}', "{}"], [], []) == [{"a": 1}, {}]
    assert ha.copy_dict(own, [], []) == own
    ha.remove_dict_key(own, ["a"])
    assert own == {"b": 2.5}
    with pytest.raises(ha.HTupleConversionError, match=r"^key 'a': expected one element; got 2$"):
        ha.get_dict_tuple_s({"a": [1, 2]}, "a")


def test_errors_have_numbers():
    with pytest.raises(ha.HOperatorError) as caught:
        ha.get_dict_tuple({}, "image")
    error = caught.value
    assert (error.error_code, error.extended_error_code, error.extended_error_message) == (2894, 0, "")
    assert error.message == str(error) == "dict_handle['image']: expected a key of the dictionary; got no such key"
    assert isinstance(error, ha.HError)
    with pytest.raises(ha.HOperatorError) as caught:
        ha.read_dl_model("nothing.hdl")
    assert caught.value.error_code == 5200
    with pytest.raises(ha.HOperatorError) as caught:
        ha.query_available_dl_devices(["runtime"], [])
    assert caught.value.error_code == 7779  # has no number of its own


def test_from_python_and_back():
    image = np.zeros((2, 3), np.uint8)
    given = {"samples": [{"id": 1}, {"id": 2}], "image": image, 0: "zero", "inner": {"x": np.float64(0.5)}}
    handle = ha.from_python_dict(given)
    assert handle is not given
    assert handle["inner"] == {"x": 0.5}
    assert handle["inner"] is not given["inner"]
    assert ha.as_python_dict({"a": 1, "b": [1, 2], "c": {"d": "e"}}) == {"a": [1], "b": [1, 2], "c": [{"d": ["e"]}]}
    assert ha.as_python_dict_s({"a": 1, "c": {"d": ["e"]}}) == {"a": 1, "c": {"d": "e"}}
    assert ha.as_python_dict({"image": image}, lambda found: found.shape) == {"image": (2, 3)}
    with pytest.raises(ha.HTupleConversionError):
        ha.as_python_dict_s({"b": [1, 2]})
    assert ha.from_python_dict({"a": {1}}, sorted) == {"a": [1]}
    for bad, message in (
        ({"a": {1}}, r"\['a'\]: expected a number, a text, a handle or an array; got "),
        ({"a": [[1]]}, r"\['a'\]: expected a list of numbers, texts or dictionaries; got "),
        (5, r"dict_val: expected a dictionary; got 5$"),
        ({1.5: 1}, r"expected keys that are texts or integers; got 1\.5"),
    ):
        with pytest.raises(ha.HInteropError, match=f"^{message}"):
            ha.from_python_dict(bad)


def test_images_are_copied():
    image = np.arange(6, dtype=np.uint8).reshape(2, 3)
    handle = ha.himage_from_numpy_array(image)
    image[:] = 0
    assert handle.max() == 5
    ha.himage_as_numpy_array(handle)[:] = 0
    assert handle.max() == 5
    with pytest.raises(ha.HInteropError, match=r"^arr: expected an array \(H, W\) or \(H, W, channels\); got "):
        ha.himage_from_numpy_array(np.zeros(5))


def test_a_tuple_of_one_handle_is_that_handle(tmp_path):
    """HALCON knows tuples only: what gives a list of one dictionary gives a handle for the next call."""
    samples = [ha.create_dict()]
    ha.set_dict_tuple(samples, "image_id", 7)
    ha.set_dict_tuple_at(samples, "ids", [1], [5])
    ha.set_dict_object(np.zeros((2, 3), np.uint8), samples, "image")
    assert ha.get_dict_tuple(samples, "image_id") == [7]
    assert ha.get_dict_tuple_s(samples, "image_id") == 7
    assert ha.get_dict_object(samples, "image").shape == (2, 3)
    assert ha.get_dict_param(samples, "keys", []) == ["image_id", "ids", "image"]
    ha.remove_dict_key(samples, "image")
    assert ha.copy_dict(samples, [], []) == samples[0] == {"image_id": 7, "ids": [0, 5]}
    assert ha.as_python_dict(samples) == {"image_id": [7], "ids": [0, 5]}
    ha.write_dict(samples, str(tmp_path / "sample.hdict"), [], [])
    assert ha.read_dict(str(tmp_path / "sample.hdict"), [], []) == samples[0]
    assert ha.dict_to_json(samples, [], []) == ['{"image_id": 7, "ids": [0, 5]}']
    models = [ha.read_dl_model("initial_dl_anomaly_medium.hdl")]
    ha.set_dl_model_param(models, "batch_size", 2)
    assert ha.get_dl_model_param(models, "batch_size") == [2]
    devices = ha.query_available_dl_devices("runtime", "cpu")[:1]
    assert ha.get_dl_device_param_s(devices, "runtime") == "cpu"
    ha.set_dl_model_param(models, "device", devices)
    ha.write_dl_model(models, str(tmp_path / "model.hdl"))
    ha.clear_dl_model(models)
    with pytest.raises(ha.HOperatorError) as caught:
        ha.get_dict_tuple([{}, {}], "image_id")
    assert (caught.value.error_code, caught.value.message) == (
        2404,
        "dict_handle: expected a dictionary; got [{}, {}]",
    )
