"""The documentation is true."""

import json
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

import dlproc as dl
from dlproc.models.handle import COMBINED, READ_ONLY
from dlproc.schema.check import kinds_of
from dlproc.schema.keys import AnomalyModelParam, AnomalyTrainParam

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "docs"))

from make_keys import keys_page  # noqa: E402

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def test_the_page_of_keys_is_made_from_the_keys():
    assert (REPOSITORY / "docs" / "keys.md").read_text(encoding="utf-8") == keys_page(), "run python docs/make_keys.py"


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
    for name, least in {"magnetic_tile": 0.955, "aws_cookie": 0.99, "elpv_mono": 0.95}.items():
        assert quality["medium"][name] >= least
    assert np.mean(list(quality["large"].values())) >= np.mean(list(quality["medium"].values()))
    speed = results["speed"]["figures"]
    assert speed["medium"]["apply_ratio"] <= 2.5
    assert speed["medium"]["train_ratio"] <= 4
    assert speed["medium"]["train_peak_memory_mb"] < 1500
    assert speed["import_s"] < 0.5


def test_names_in_the_documentation_exist():
    for page in ("README.md", "docs/training.md", "docs/porting.md", "CHANGELOG.md"):
        text = (REPOSITORY / page).read_text(encoding="utf-8")
        for name in re.findall(r"dl\.([a-z_]+)\(", text):
            assert hasattr(dl, name), f"{page}: dl.{name}"
