"""The structure that the design promises, held by looking at the source."""

import ast
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import dlproc as dl
from dlproc.procedures import __doc__ as chapters

REPOSITORY = Path(__file__).resolve().parent.parent
INSIDE, OUTSIDE = REPOSITORY / "dlproc", REPOSITORY / "procedures"
RINGS = {
    "errors": 0, "rng": 0, "version": 0, "printable": 0, "remarks": 0,
    "schema": 1, "images": 1, "measures": 1, "features": 1, "scores": 1,
    "io": 2, "display": 2, "report": 2, "vision": 2, "tuples": 2,
    "models": 3,
    "procedures": 4,
    "cli": 5, "__main__": 5, "halcon": 5, "hdevelop": 5,
}  # fmt: skip
PROCEDURES = sorted(path.stem for path in OUTSIDE.glob("*.py") if path.stem != "__init__")


def module_of(path):
    return "procedures" if OUTSIDE in path.parents else path.relative_to(INSIDE).parts[0].removesuffix(".py")


def imported_modules(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("dlproc."):
            yield node.module.split(".")[1]
        elif isinstance(node, ast.Import):
            yield from (a.name.split(".")[1] for a in node.names if a.name.startswith("dlproc."))


@pytest.mark.parametrize("path", sorted([*INSIDE.rglob("*.py"), *OUTSIDE.glob("*.py")]), ids=lambda p: p.stem)
def test_imports_point_inwards(path):
    if path == INSIDE / "__init__.py":
        return
    ring = RINGS[module_of(path)]
    for module in imported_modules(path):
        assert RINGS[module] <= ring, f"{path.name} (ring {ring}) imports {module} (ring {RINGS[module]})"


def test_only_schema_and_operators_know_the_dictionaries():
    """Pure modules see arrays and numbers; none of them names a key of a dictionary."""
    for folder in ("images", "measures", "features"):
        for path in (INSIDE / folder).glob("*.py"):
            assert "dlproc.schema.keys" not in path.read_text(encoding="utf-8"), path


@pytest.mark.parametrize("name", PROCEDURES)
def test_a_procedure_is_one_public_function_of_the_files_name(name):
    tree = ast.parse((OUTSIDE / f"{name}.py").read_text(encoding="utf-8"))
    public = [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    assert public == [name]
    assert not any(isinstance(node, ast.ClassDef) for node in ast.walk(tree))
    constants = [node for node in tree.body if isinstance(node, ast.Assign)]
    assert all(target.id.isupper() for node in constants for target in node.targets)
    assert f"`{name}`" in chapters
    assert callable(getattr(dl, name))


@pytest.mark.parametrize("name", PROCEDURES)
def test_a_procedure_fits_on_two_pages(name):
    """About 120 lines of code, docstrings, comments and blank lines not counted."""
    source = (OUTSIDE / f"{name}.py").read_text(encoding="utf-8")
    tree = ast.parse(source)
    lines = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines |= {n for statement in body for n in range(statement.lineno, statement.end_lineno + 1)}
    code = [
        n
        for n in lines
        if source.splitlines()[n - 1].strip() and not source.splitlines()[n - 1].strip().startswith("#")
    ]
    assert len(code) <= 120


@pytest.mark.parametrize("name", PROCEDURES)
def test_docstrings_have_what_a_reader_needs(name):
    docstring = getattr(dl, name).__doc__
    assert "Parameters\n" in docstring
    returns_nothing = name in {
        "split_dl_dataset",
        "preprocess_dl_samples",
        "write_dl_samples",
        "threshold_dl_anomaly_results",
        "apply_dl_decision_rules",
        "check_dl_preprocess_param",
        "replace_legacy_preprocessing_parameters",
        "dev_close_window_dict",
        "normalize_dl_gc_anomaly_features",
        "normalize_dl_gc_anomaly_scores",
        "set_dl_model_param_max_gpu_batch_size",
    }
    assert returns_nothing or "Returns\n" in docstring
    assert name == "replace_legacy_preprocessing_parameters" or "Raises\n" in docstring


def test_every_flat_name_can_be_used():
    assert len(dl.__all__) > 40
    for name in dl.__all__:
        assert getattr(dl, name) is not None


def test_import_is_light():
    code = "import sys, dlproc; heavy = {'torch', 'numpy', 'skimage', 'h5py', 'matplotlib'} & set(sys.modules); assert not heavy, heavy"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_version_stands_in_both_places():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == dl.__version__


def test_imports_with_the_repository_as_the_current_folder(tmp_path):
    """Also where nothing is installed: -S hides the editable install, the path gives the dependencies."""
    code = "import dlproc as dl; print(dl.find_dl_samples([{'a': 1}], 'a', 1, 'match'), dl.__path__[0])"
    paths = [p for p in sys.path if "site-packages" in p]
    finished = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path += {paths!r}; {code}"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith("[0]")


def test_the_wheel_holds_one_top_level_name(tmp_path):
    """Built from a copy: setuptools writes beside the sources, where other tests read."""
    source = tmp_path / "source"
    for folder in ("dlproc", "procedures"):
        shutil.copytree(REPOSITORY / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(REPOSITORY / name, source)
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(tmp_path), str(source)]
    finished = subprocess.run(command, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names} == {"dlproc", f"dlproc-{dl.__version__}.dist-info"}
    for procedure in PROCEDURES:
        assert f"dlproc/procedures/{procedure}.py" in names
    assert "dlproc/py.typed" in names
    assert "dlproc/__init__.pyi" in names
    sources = {p.relative_to(INSIDE).as_posix() for p in INSIDE.rglob("*.py")}
    assert {f"dlproc/{source}" for source in sources} <= set(names)  # a new folder is not forgotten in pyproject.toml
    for part in ("template.html", "style.css", "script.js"):
        assert f"dlproc/report/{part}" in names
    assert any(name.endswith("licenses/NOTICE") for name in names)
