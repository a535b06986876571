"""The table of operators says of dlproc's functions what is true: their arguments, and what they give.

Each operator on files, images, regions, tuples of objects and windows is called with single values and with lists of
one and of two in their place; where that works, results must have the forms and types that the table has.
"""

import inspect
import itertools
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import dlproc as dl
from dlproc.hdevelop.names import snake_case
from dlproc.hdevelop.operators import OPERATORS

GRAY = (np.arange(600).reshape(20, 30) * 37 % 251).astype(np.uint8)
COLOUR = np.stack([GRAY] * 3, axis=2)
CONTOUR = dl.gen_contour_polygon_xld([1, 2, 5], [3, 9, 4])
#: dlproc's own operators, which no program of HDevelop can call.
OWN = {
    "apply_dl_decision_rules", "display_off", "display_on", "estimate_dl_operating_points", "extend_dl_model",
    "flush_windows", "get_dl_anomaly_regions", "read_dl_dataset_mvtec", "save_windows_to", "write_dl_report",
}  # fmt: skip
OPENED = []
#: Chapters whose operators need a dataset, a model, a person, or nothing at all.
OTHER_CHAPTERS = (
    "Dataset", "Preprocessing", "Models and devices", "Training", "Thresholds and evaluation", "Display of results",
    "What only HDevelop's own windows do: accepted, without effect",
    "What needs a person at the screen: an error when it is called",
)  # fmt: skip
#: Values by the names of parameters; of one operator's by both names.
VALUES = {
    "Row": 5, "Column": 6, "Row1": 2, "Column1": 3, "Row2": 8, "Column2": 9, "Width": 10, "Height": 12, "MaskWidth": 3,
    "MaskHeight": 3, "Radius": 2.5, "Phi": 0.3, "Length1": 5.0, "Length2": 3.0, "Radius1": 5.0, "Radius2": 3.0,
    "Mult": 1.0, "Add": 0, "Percent": 10, "Grayval": 7, "MinGray": 10, "MaxGray": 100, "MinSize": 5, "Offset": 5,
    "Method": "max_separability", "LightDark": "dark", "StdDevScale": 0.2, "AbsThreshold": 2, "ColorName": "red",
    "Color": "red", "ForegroundGray": 255, "BackgroundGray": 0, "Interpolation": "bilinear", "ScaleWidth": 0.5,
    "ScaleHeight": 0.5, "NewType": "real", "Type": "byte", "Channel": 1, "Features": "area", "Operation": "and",
    "Min": 1, "Max": 1000, "Index": 1, "NumObj": -1, "ColorSpace": "hsv", "Quantization": 1, "MaskType": "circle",
    "Margin": "mirrored", "Size": 3, "FilterType": "sum_abs", "Factor": 1.0, "Rows": [1, 5, 9], "Columns": [2, 8, 3],
    "ColumnBegin": 2, "ColumnEnd": 6, "BeginRow": 1, "BeginCol": 2, "EndRow": 5, "EndCol": 7, "Col": [3, 4, 9],
    "SortMode": "first_point", "Order": "true", "RowOrCol": "row", "Shape": "max_area", "Feature": "area",
    "Metric": "euclidean", "Foreground": "true", "BoundaryType": "inner", "Mode": "column", "FileName": "a.png",
    "Directory": ".", "Options": "files", "ImageDirectory": ".", "Extensions": "png", "DirName": "folder",
    "Query": "seed_rand", "SystemParameter": "image_dir", "Value": 3, "ErrorCode": 5200, "Seconds": 0,
    "Tuple": [1, 2], "NumBins": 4, "SubTupleLength": 2, "InputTuple": [1, 2, 3], "InputVector": [1, [2, 3]], "Key": "k", "DictHandle": lambda: {"k": 1, "o": GRAY}, "GenParamName": [], "GenParamValue": [],
    "JsonString": '{"a": 1}', "MatrixID": lambda: dl.create_matrix(2, 2, 1.0), "Alpha": 1.0, "Filter": "gauss",
    "WindowHandle": lambda: dl.dev_open_window(0, 0, 64, 64, "black"), "Diagonal": 0, "SumType": "columns",
    "Values": [1, 2, 3, 4], "Background": "black", "WidthLimit": -1, "HeightLimit": -1, "NumColors": 3,
    "DrawMode": "margin", "LineWidth": 2, "LutName": "default", "NumberOfColors": 3, "Red": 1, "Green": 2, "Blue": 3,
    "Style": [], "LookUpTable": "default", "String": "abc", "CoordSystem": "window", "Box": "true", "CenterRow": 3,
    "CenterCol": 4, "Angle": 0.1, "Font": "mono-10", "Bold": "true", "Slant": "false", "Name": "error_code",
    "Exception": [5200, 0, "x", "", 0, "y", 1, "m"], "PreferenceNames": "a", "GenParamNames": "engine_environment",
    "FatherWindow": 0, "Machine": "", "Device": "png", "Param": "background_color", "AttributeValue": "black",
    "AttributeName": "background_color", "Top": 1, "Left": 1, "Bottom": 1, "Right": 1, "FileType": "output",
    "FileHandle": lambda: opened("lines.txt", "input"), "SourceFile": "a.png", "DestinationFile": "b.png",
    "Format": "png", "FillColor": 0,
    "mirror_image Mode": "row", "gen_region_contour_xld Mode": "filled", "shape_trans Type": "convex",
    "paint_region Type": "fill", "overpaint_region Type": "fill", "gray_features Features": "mean",
    "select_gray Features": "mean", "gauss_filter Size": 5, "gauss_image Size": 5, "median_image Radius": 2,
    "create_matrix Rows": 2, "create_matrix Columns": 2, "rotate_image Phi": 30, "get_value_matrix Row": 0,
    "get_value_matrix Column": 0, "set_value_matrix Row": 0, "set_value_matrix Column": 0, "set_draw Mode": "margin",
    "set_shape Shape": "original", "dev_set_shape Shape": "original", "dev_open_window Width": 64,
    "dev_open_window Height": 64, "open_window Width": 64, "open_window Height": 64, "list_image_files Options": [],
    "get_string_extents Values": "abc", "write_dict FileName": "c.json", "read_dict FileName": "d.json",
    "write_image FileName": "z.png", "dump_window FileName": "w.png", "set_paint Mode": "default",
    "dev_set_window_extents Width": 64, "dev_set_window_extents Height": 64, "set_window_extents Width": 64,
    "set_window_extents Height": 64, "set_dict_tuple_at Index": 0, "get_dict_param GenParamName": "keys",
    "get_dict_param Key": [], "get_dict_object Key": "o", "set_window_param Value": "black", "make_dir DirName": "new",
    "gen_contour_polygon_xld Row": [1, 4, 6], "disp_polygon Row": [1, 4, 6], "disp_polygon Column": [1, 4, 2],
    "fwrite_string FileHandle": lambda: opened("out.txt", "output"), "set_system Value": ".",
    "fnew_line FileHandle": lambda: opened("out.txt", "output"), "dict_to_json DictHandle": lambda: {"a": 1},
    "set_current_dir DirName": ".", "delete_file FileName": "old.txt", "open_file FileName": "o.txt",
}  # fmt: skip
TYPES = {
    "natural": lambda value: type(value) is int and value >= 0,
    "integer": lambda value: type(value) is int,
    "truth": lambda value: value in (0, 1),
    "real": lambda value: type(value) is float,
    "number": lambda value: type(value) in (int, float),
    "string": lambda value: type(value) is str,
    "dict": lambda value: isinstance(value, dict),
}


def opened(name, file_type):
    OPENED.append(dl.open_file(name, file_type))
    return OPENED[-1]


def value_of(operator, parameter):
    name = parameter.name
    value = VALUES.get(f"{operator.name} {name}", VALUES.get(name, iconic(operator.name, name)))
    return value() if callable(value) else value


def iconic(operator, name):
    if operator in ("gen_region_contour_xld", "get_contour_xld", "disp_xld"):
        return CONTOUR
    if operator in ("decompose2", "decompose4"):
        return np.stack([GRAY] * int(operator[-1]), axis=2)
    if operator in ("decompose3", "rgb1_to_gray", "disp_color"):
        return COLOUR
    is_region = "Region" in name or name in ("Sub", "NewDomain")
    return dl.gen_rectangle1(2, 3, 9, 12) if is_region else GRAY.copy()


def in_forms(operator):
    """Which inputs are given as a list of how many; 0 as they are. Of more than two inputs not all mixtures."""
    for n_each in itertools.product((0, 1, 2), repeat=len(operator.inputs)):
        is_mixed = len(operator.inputs) > 2 and sum(map(bool, n_each)) not in (0, 1, len(n_each))
        if not is_mixed and not any(n and one.must_be_one for n, one in zip(n_each, operator.inputs, strict=True)):
            yield n_each


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    for handle in OPENED:
        with suppress(dl.DLError):  # closed already
            dl.close_file(handle)
    OPENED.clear()
    dl.set_system("image_dir", ".")
    dl.dev_set_color("red")
    while dl.dev_get_window() != -1:
        dl.dev_close_window()


def prepare():
    for name in ("a.png", "lines.txt", "old.txt"):
        Path(name).write_text("one line\nanother\n")
    Image.fromarray(GRAY).save("a.png")
    dl.write_dict({"k": 1}, "d.json")
    Path("folder").mkdir(exist_ok=True)
    if Path("new").exists():
        Path("new").rmdir()


@pytest.mark.parametrize("name", [name for name, one in OPERATORS.items() if one.chapter not in OTHER_CHAPTERS])
def test_results_are_what_the_table_says(name, folder):
    operator, works = OPERATORS[name], False
    for n_each in in_forms(operator):
        if operator.chapter in ("Files and system", "Dictionaries"):
            prepare()
        values = [value_of(operator, one) for one in operator.inputs]
        given = [
            [value] * n if n and not isinstance(value, list) else value for value, n in zip(values, n_each, strict=True)
        ]
        try:
            result = getattr(dl, name)(*given)
        except dl.DLError:
            assert any(n_each), "a plain call"
            continue
        works = True
        OPENED.extend([result] if name == "open_file" else [])
        outputs = (result,) if len(operator.outputs) == 1 else result or ()
        by_name = dict(zip((one.name for one in operator.inputs), given, strict=True))
        for output, found in zip(operator.outputs, outputs, strict=True):
            is_like_a_list = any(isinstance(by_name[other], list) for other in output.of)
            expected = {"one": False, "many": True, "like": is_like_a_list, "each": True}.get(output.form)
            assert expected in (None, isinstance(found, list)), (output, n_each)
            for one in found if isinstance(found, list) else [found]:
                assert TYPES.get(output.type, lambda value: True)(one), (output, one)
    assert works


@pytest.mark.parametrize("name", OPERATORS)
def test_arguments_are_called_as_in_the_table(name):
    parameters = inspect.signature(getattr(dl, name)).parameters.values()
    if OPERATORS[name].chapter == OTHER_CHAPTERS[-1]:
        return  # takes anything
    named = [one for one in parameters if one.kind is not one.VAR_POSITIONAL]
    plain = [one.name.replace("_", "").removesuffix("s") for one in named]
    assert plain == [snake_case(one.name).replace("_", "").removesuffix("s") for one in OPERATORS[name].inputs]
    may_be_left_out = [one.name for one, row in zip(named, OPERATORS[name].inputs, strict=True) if row.optional]
    assert all(one.default is not one.empty for one in named if one.name in may_be_left_out)


def test_all_operators_are_in_the_table():
    functions = {name for name in dir(dl) if inspect.isfunction(getattr(dl, name))}
    functions = {name for name in functions if not name.startswith(("tuple_", "_"))}
    assert functions - set(OPERATORS) == OWN
