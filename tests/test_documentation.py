"""The documentation is true."""

import inspect
import json
import re
import shutil
import sys
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from halcon_dict_bytes import file_of

import dlproc as dl
from dlproc.hdevelop.differences import CHECKS, REMARKS, WAYS
from dlproc.hdevelop.functions import FUNCTIONS
from dlproc.hdevelop.operators import OPERATORS
from dlproc.hdevelop.program import read_program
from dlproc.hdevelop.run import with_values
from dlproc.hdevelop.translate import translate
from dlproc.measures.operating_points import conformal, n_images_needed
from dlproc.models.handle import COMBINED, READ_ONLY
from dlproc.schema.check import kinds_of
from dlproc.schema.keys import AnomalyModelParam, AnomalyTrainParam

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "docs"))

import make_porting  # noqa: E402
import operator_notes  # noqa: E402
from make_keys import keys_page  # noqa: E402
from make_operators import operators_page, python_call  # noqa: E402

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def test_the_page_of_keys_is_made_from_the_keys():
    assert (REPOSITORY / "docs" / "keys.md").read_text(encoding="utf-8") == keys_page(), "run python docs/make_keys.py"


def test_the_page_of_operators_is_made_from_the_table_and_the_notes():
    page = (REPOSITORY / "docs" / "operators.md").read_text(encoding="utf-8")
    assert page == operators_page(), "run python docs/make_operators.py"


def test_every_operator_says_how_it_was_checked():
    """In the order of the tables, each once; and only what was checked is called the same."""
    tuples = sorted({function.operator for function in FUNCTIONS.values()})
    assert list(CHECKS) == [*OPERATORS, *tuples]
    chapters = {operator.chapter for operator in OPERATORS.values()} | {"Tuple functions"}
    assert [chapter for chapter in REMARKS if chapter not in chapters] == []
    for row in re.findall(r"^\| `.* \|$", operators_page(), re.MULTILINE):
        *_, differs, checked = row.strip("| ").split(" | ")
        if differs == "same":
            assert checked.partition(":")[0] in WAYS[:-1], row


def test_what_is_not_there_yet_is_not_there():
    names = [name for _, names, _ in operator_notes.NOT_YET for name in names.split()]
    assert len(names) == len(set(names)) > 300
    assert [name for name in names if hasattr(dl, name) or name in OPERATORS or name in FUNCTIONS] == []


def test_every_public_operator_is_on_the_page():
    """So it is known to the translator, too, or dlproc's own."""
    public = {name for name in dir(dl) if inspect.isfunction(getattr(dl, name))}
    tuples = {function.operator for function in FUNCTIONS.values()}
    assert public == {*OPERATORS, *tuples, *operator_notes.OWN}
    assert not set(operator_notes.OWN) & {*OPERATORS, *tuples}


def test_the_calls_on_the_page_of_operators_fit():
    """All arguments, and those alone that are not in brackets, in their order."""
    for operator in OPERATORS.values():
        arguments = python_call(operator).partition("(")[2].rstrip(")")
        needed = re.sub(r"\[.*\]", "", arguments)
        for given in (re.sub(r"[\[\]]", "", arguments), needed):
            names = [name for name in given.split(", ") if name]
            inspect.signature(getattr(dl, operator.name)).bind(*names)


def test_every_parameter_is_documented():
    page = (REPOSITORY / "docs" / "training.md").read_text(encoding="utf-8")
    names = {*kinds_of(AnomalyModelParam), *kinds_of(AnomalyTrainParam), *COMBINED, *READ_ONLY}
    names -= {"mean_values_normalization", "deviation_values_normalization"}  # named together
    assert [name for name in names if f"`{name}`" not in page and f"{name}" not in page] == []


def test_links_lead_somewhere():
    pages = [REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "benchmarks/README.md")]
    for page in [*pages, *(REPOSITORY / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_code_of_the_readme_runs(cells, tmp_path, monkeypatch):
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL).group(1)
    shutil.copytree(cells, tmp_path / "parts")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "new.png").write_bytes(next((cells / "defective").iterdir()).read_bytes())
    small = code.replace("param = ", "dl.set_dl_model_param(model, 'image_size', [128, 128])\nparam = ", 1)
    names = {}
    exec(compile(small, "README.md", "exec"), names)  # noqa: S102 - our own text
    assert names["results"][0]["anomaly_class"] in ("ok", "nok")


def test_the_figures_of_the_readme_are_those_of_the_benchmarks():
    results = json.loads((REPOSITORY / "benchmarks" / "results.json").read_text(encoding="utf-8"))
    quality = results["quality"]["figures"]
    for model, measure in (("medium", "image_auroc"), ("large", "image_auroc"), ("medium", "pixel_auroc")):
        row = re.search(rf"\| {measure.replace('_auroc', ' AUROC')}, `{model}` \|(.*)\|", README).group(1)
        shown = [float(cell) for cell in row.split("|") if cell.strip().startswith("0.")]
        measured = [np.mean(values[measure]) for values in quality[model].values() if None not in values[measure]]
        assert shown == pytest.approx(measured, abs=6e-4)


def test_the_targets_are_reached():
    results = json.loads((REPOSITORY / "benchmarks" / "results.json").read_text(encoding="utf-8"))
    quality = {
        m: {n: np.mean(v["image_auroc"]) for n, v in sets.items()} for m, sets in results["quality"]["figures"].items()
    }
    for name, least in {"magnetic_tile": 0.955, "aws_cookie": 0.995, "elpv_mono": 0.96}.items():
        assert quality["medium"][name] >= least
    # Better with many good images; with 31 it is not (docs/results.md says so under the goals).
    assert all(quality["large"][name] > quality["medium"][name] for name in ("magnetic_tile", "elpv_mono"))
    speed = results["speed"]["figures"]
    assert speed["medium"]["apply_ratio"] <= 2.5
    assert speed["medium"]["train_ratio"] <= 4
    assert speed["medium"]["train_peak_memory_mb"] < 1500
    assert speed["import_s"] < 0.5


def test_the_targets_of_the_measures_are_reached():
    figures = json.loads((REPOSITORY / "benchmarks" / "results.json").read_text(encoding="utf-8"))["measures"][
        "figures"
    ]
    for name, row in figures["images"].items():
        assert row["ratio_to_scikit_learn"] <= 1, name
        assert row["difference"] <= 1e-9, name
    assert figures["au_pro"]["times_faster"] >= 5
    assert figures["au_pro"]["difference"] <= 1e-6
    assert figures["large"]["peak_memory_mb"] < 2000
    for name, row in figures["guarantee"].items():
        if name.startswith("conformal"):  # 5 %, and what chance does to 2,000 draws
            assert row["share_of_draws_above_5_percent"] <= 0.065, name


def test_the_figures_of_the_page_on_training_are_those_of_the_benchmark():
    results = json.loads((REPOSITORY / "benchmarks" / "results.json").read_text(encoding="utf-8"))["extend"]["figures"]
    page = (REPOSITORY / "docs" / "training.md").read_text(encoding="utf-8")
    assert f"the light of a line grows by {round(100 * results['light']) - 100} %" in page
    for name in ("elpv_mono", "aws_cookie", "magnetic_tile"):
        rows = results[name]["drift"]["images_joined"]
        pairs = [
            " → ".join(text.format(rows[n][key]) for n in ("0", "10"))
            for key, text in (("false_alarms", "{:.0%}"), ("found", "{:.0%}"), ("image_auroc", "{:.2f}"))
        ]
        assert f"| {name} | {' | '.join(pairs).replace('%', ' %')} |" in page
        assert results[name]["drift"]["two_halves_difference"] < 0.025  # "within 0.02"


def test_the_targets_of_logical_anomalies_are_reached():
    figures = json.loads((REPOSITORY / "benchmarks" / "results.json").read_text(encoding="utf-8"))["logical"]["figures"]
    assert all(run["image_auroc"] >= 0.95 for run in figures["tray"]["global_network"])
    assert all(run["image_auroc"] < 0.80 for run in figures["tray"]["medium"])
    page = (REPOSITORY / "docs" / "global_context.md").read_text(encoding="utf-8")
    labels = {"medium": "`medium`", "global_network": "global network alone", "both_networks": "both networks"}
    for scene, runs_of in figures.items():
        for label, name in labels.items():
            mean = np.mean([run["image_auroc"] for run in runs_of[label]])
            assert f"| {scene}, {name} | {mean:.3f} |" in page


def test_the_figures_of_the_page_on_decisions_are_right():
    page = (REPOSITORY / "docs" / "score_to_decision.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\d.]+) % \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \|$", page, re.MULTILINE)
    assert len(rows) == 6
    for rate, *numbers in rows:
        needed = [n_images_needed(float(rate) / 100, confidence) for confidence in (0.9, 0.95, 0.99)]
        assert [int(number.replace(",", "")) for number in numbers] == needed
    assert "you need 179 more good images for 1 % at 95 % confidence; these\n120 allow 2.47 %" in page
    assert conformal(np.zeros(120), 0.01, 0.95).promise.startswith("you need 179 more good images for 1 %")


@pytest.mark.parametrize(
    ("model_type", "low", "high"), [("anomaly_detection", -2.0, 2.0), ("gc_anomaly_detection", -127.0, 128.0)]
)
def test_the_code_of_the_page_on_the_deep_learning_tool_runs(cells, tmp_path, monkeypatch, model_type, low, high):
    page = (REPOSITORY / "docs" / "deep_learning_tool.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", page, re.DOTALL).group(1)
    assert code.count("dl.train_dl_model(dataset, model)\n") == 1
    small = code.replace("dl.train_dl_model(dataset, model)\n", "dl.train_dl_model(dataset, model, quick)\n")
    entries = [(f"image_{name}", 1, [value]) for name, value in (("width", 64), ("height", 64), ("num_channels", 3))]
    entries += [("image_range_min", 2, [low]), ("image_range_max", 2, [high])]
    texts = {"model_type": model_type, "normalization_type": "none", "domain_handling": "full_domain"}
    entries += [(name, 4, [text]) for name, text in texts.items()]
    (tmp_path / "part_dl_preprocess_params.hdict").write_bytes(file_of([*entries, ("augmentation", 4, ["true"])]))
    shutil.copytree(cells, tmp_path / "parts")
    monkeypatch.chdir(tmp_path)
    is_global = model_type == "gc_anomaly_detection"
    quick = (
        {"num_epochs": 1, "display_param": {"enabled": False}}
        if is_global
        else {"anomaly_param": {"domain_ratio": 0.05}}
    )
    exec(compile(small, "deep_learning_tool.md", "exec"), {"quick": quick})  # noqa: S102 - our own text
    model = dl.read_dl_model("part_dlproc.hdl")
    assert dl.get_dl_model_param(model, "type") == model_type
    assert "anomaly_classification_threshold" in dl.get_dl_model_param(model, "meta_data")


PORTING = (REPOSITORY / "docs" / "porting.md").read_text(encoding="utf-8")


def test_the_python_of_the_page_on_porting_is_that_of_the_translator():
    assert make_porting.translated(PORTING) == PORTING, "run python docs/make_porting.py"
    assert list(make_porting.sections(PORTING)) == ["What becomes of a program", "The example, in both languages"]
    assert PORTING.count("```hdevelop") == PORTING.count("```python") == 16


def test_the_example_of_the_page_on_porting_is_taken_from_the_program_that_is_tested():
    program = read_program(REPOSITORY / "tests" / "hdevelop" / "programs" / "anomaly_workflow.hdev")
    text = (REPOSITORY / "tests" / "hdevelop" / "programs" / "anomaly_workflow.hdev").read_text(encoding="utf-8")
    lines = {line.strip() for line in re.findall(r"<l>(.*?)</l>", unescape(text))}
    shown = make_porting.sections(PORTING)["The example, in both languages"]
    assert [line for line in shown if line.strip() not in lines and not line.startswith("procedure ")] == []
    interfaces = {procedure.name: procedure.interface for procedure in program.procedures}
    example = make_porting.program_of(PORTING, "The example, in both languages")
    assert len(example.procedures) == 3
    assert all(procedure.interface == interfaces[procedure.name] for procedure in example.procedures)


def test_the_example_of_the_page_on_porting_runs(cells, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("anomaly_data").mkdir()
    example = make_porting.program_of(PORTING, "The example, in both languages")
    values = {"ImageDir": cells.as_posix(), "ImageSize": "64"}
    names = {}
    exec(translate(with_values(example, values)).text, names)  # noqa: S102 - our own text
    shown = []
    monkeypatch.setattr(dl, "dev_display_dl_data", lambda sample, result, *more: shown.append(result))
    names["main"]()
    assert len(shown) >= 6
    assert {result["anomaly_class"] for result in shown} <= {"ok", "nok"}
    assert Path("anomaly_data/model_final.hdl").is_file()


def test_the_snippets_of_the_page_on_porting_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    image = np.zeros((40, 40), np.uint8)
    image[5:15, 5:15] = 200
    dl.write_image(image, "png", 0, "cell2.png")
    names = {}
    program = make_porting.program_of(PORTING, "What becomes of a program")
    exec(translate(program).text, names)  # noqa: S102 - our own text
    with pytest.raises(NotImplementedError, match="create_shape_model"):  # the last line of the section
        names["main"]()


def test_every_error_number_is_explained():
    page = (REPOSITORY / "docs" / "porting.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\dx, ]+) \|", page.split("## Error numbers")[1], re.MULTILINE)
    explained = {number for row in rows for number in row.split(", ")}
    sources = [*(REPOSITORY / "dlproc").rglob("*.py"), *(REPOSITORY / "procedures").glob("*.py")]
    raised = {n for path in sources for n in re.findall(r"halcon_code=(\d+)", path.read_text(encoding="utf-8"))}
    assert explained == {f"{number[:2]}xx" if number < "15" else number for number in raised}


def test_names_in_the_documentation_exist():
    for page in ["README.md", "CHANGELOG.md", *(path.relative_to(REPOSITORY) for path in REPOSITORY.glob("docs/*.md"))]:
        text = (REPOSITORY / page).read_text(encoding="utf-8")
        for name in re.findall(r"dl\.([a-z_]+)\(", text):
            assert hasattr(dl, name), f"{page}: dl.{name}"
