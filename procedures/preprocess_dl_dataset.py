"""The procedure `preprocess_dl_dataset`."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from dlproc.errors import DLDictError, DLFileError, DLParamError
from dlproc.io import sample_folder
from dlproc.io.container import write_container
from dlproc.io.dicts import write_dict
from dlproc.io.locks import locked
from dlproc.io.writing import check_space
from dlproc.procedures.gen_dl_samples import gen_dl_samples
from dlproc.procedures.preprocess_dl_samples import preprocess_dl_samples
from dlproc.procedures.replace_legacy_preprocessing_parameters import replace_legacy_preprocessing_parameters
from dlproc.remarks import from_file
from dlproc.schema.check import check_keys, check_options
from dlproc.schema.keys import DLDataset, DLDatasetSample, DLPreprocessParam, PreprocessDatasetGenParam
from dlproc.schema.kinds import as_list, describe
from dlproc.schema.preprocess_param import valid_preprocess_param
from dlproc.version import __version__


def preprocess_dl_dataset(
    dl_dataset: DLDataset,
    data_directory: str | Path,
    dl_preprocess_param: DLPreprocessParam,
    gen_param: Mapping[str, Any] | None = None,
) -> str:
    """Preprocess all images of a dataset once, into a folder that training and evaluation read.

    Parameters
    ----------
    dl_dataset : DLDataset
        Read: ``'image_dir'``, ``'anomaly_dir'``, ``'samples'``. Written: ``'preprocess_param'`` (the same dictionary as
        `dl_preprocess_param`), ``'dlsample_dir'``, and of each sample ``'dlsample_file_name'`` and dlproc's own
        ``'dlsample_fingerprint'``, by which `read_dl_samples` knows the samples of another dataset.
    data_directory : str or Path
        The folder to make: ``dl_dataset.hdict`` and ``samples/<image_id>_dlsample.hdict``. Folders above are made, too.
    dl_preprocess_param : DLPreprocessParam
        How; see `preprocess_dl_samples`. Written, as HALCON does: ``'check_params'`` False, and with 'constant_values'
        ``'image_range_min'`` and ``'image_range_max'`` -2 and 2.
    gen_param : mapping, optional
        ``'overwrite_files'`` : False (default): an existing folder is an error. True: it is replaced. ``'auto'``:
        samples that are still right are kept, in an existing folder and from an interrupted run; the others are made.
        ``'show_progress'`` : bool, default True.

    Returns
    -------
    str
        The path of ``dl_dataset.hdict``.

    Raises
    ------
    DLFileError
        The folder exists, holds other files, or cannot be written; its disk has too little space; another process
        works on it; an image cannot be read.
    DLDictError, DLParamError
        As of `gen_dl_samples` and `preprocess_dl_samples`.

    Notes
    -----
    The folder is built beside its place, as ``<data_directory>.partial``, and moved there when it is complete. On an
    error the dictionaries and an existing folder are as before. After Ctrl-C the finished samples are kept, and the
    same call with ``{'overwrite_files': 'auto'}`` carries on; with 'auto' this holds for an error, too.
    """
    # 1. Check everything that can be checked before the work begins.
    options = check_options(gen_param, PreprocessDatasetGenParam, "gen_param")
    check_keys(dl_dataset, DLDataset, ["image_dir", "samples"], "dl_dataset")
    first_of_id: dict[int, int] = {}
    for index, sample in enumerate(dl_dataset["samples"]):
        where = f"dl_dataset['samples'][{index}]"
        check_keys(sample, DLDatasetSample, ["image_id", "image_file_name"], where)
        first = first_of_id.setdefault(sample["image_id"], index)
        if first != index:
            raise DLDictError(
                f"{where}['image_id']", "a number of its own", f"{sample['image_id']}, as of sample {first}"
            )
    if not isinstance(dl_preprocess_param, dict):
        raise DLParamError("dl_preprocess_param", "a DLPreprocessParam dictionary", describe(dl_preprocess_param))
    param: dict[str, Any] = dict(dl_preprocess_param)
    replace_legacy_preprocessing_parameters(param)
    param = valid_preprocess_param(param, "dl_preprocess_param") | {"check_params": False}
    if param["normalization_type"] == "constant_values":
        param |= {"image_range_min": -2.0, "image_range_max": 2.0}  # the range that this normalisation gives

    # 2. One process at a time builds a folder.
    folder = Path(data_directory)
    if not folder.name:  # '.' or a drive: the name is needed for the folder beside it
        folder = folder.resolve()
    with locked(folder):
        preprocessed = _build(dl_dataset, folder, param, options)

    # 3. Only now change the dictionaries.
    callers: dict[str, Any] = dl_preprocess_param  # type: ignore[assignment]  # a TypedDict is a dict
    callers.clear()
    callers.update(param)
    for described, done in zip(dl_dataset["samples"], preprocessed["samples"], strict=True):
        described["dlsample_file_name"] = done["dlsample_file_name"]
        described["dlsample_fingerprint"] = done["dlsample_fingerprint"]
    dl_dataset["dlsample_dir"] = preprocessed["dlsample_dir"]
    dl_dataset["preprocess_param"] = dl_preprocess_param
    return (folder / sample_folder.DATASET_FILE).as_posix()


def _build(dl_dataset: DLDataset, folder: Path, param: Mapping[str, Any], options: Mapping[str, Any]) -> DLDataset:
    """Write the samples and the description into the folder; returns the description."""
    # An existing folder is an error, is replaced, or serves again.
    overwrite = options["overwrite_files"]
    preprocessed = _describe(dl_dataset, folder, param)
    place = folder.resolve() if folder.is_symlink() else folder  # the link stays
    sample_folder.recover(place)
    sample_folder.check_replaceable(place)
    if folder.exists() and not overwrite:
        hint = "gen_param {'overwrite_files': True} replaces it, 'auto' keeps what is still right"
        raise DLFileError(folder.as_posix(), "a folder that does not exist", "an existing one", hint)
    samples_dir = sample_folder.start_build(place, keep=overwrite == "auto")

    # Read, preprocess and write the samples, one at a time: memory does not grow with the dataset.
    try:
        _check_space(place, samples_dir, preprocessed["samples"], param)
        indices = tqdm(
            range(len(dl_dataset["samples"])), desc="Preprocessing", unit="image", disable=not options["show_progress"]
        )
        for index in indices:
            name, made_from = (
                preprocessed["samples"][index][f"dlsample_{key}"] for key in ("file_name", "fingerprint")
            )
            if overwrite == "auto" and _take_over(samples_dir / name, place, made_from):
                continue
            batch = gen_dl_samples(dl_dataset, index, param["model_type"], {"ignore_missing_labels": True})
            with from_file(Path(dl_dataset["image_dir"]) / dl_dataset["samples"][index]["image_file_name"]):
                preprocess_dl_samples(batch, param)  # type: ignore[arg-type]
            write_container(samples_dir / name, batch[0], "dict", made_from)

        # Complete: describe it, and let it take its place.
        sample_folder.remove_others(samples_dir, [sample["dlsample_file_name"] for sample in preprocessed["samples"]])
        write_dict(preprocessed, samples_dir.parent / sample_folder.DATASET_FILE)
        sample_folder.move_into_place(place)
    except KeyboardInterrupt:
        hint = (
            f"finished samples are kept in '{samples_dir.parent.as_posix()}'; {{'overwrite_files': 'auto'}} carries on"
        )
        raise KeyboardInterrupt(hint) from None
    except Exception:
        if overwrite != "auto":
            shutil.rmtree(samples_dir.parent, ignore_errors=True)
        raise
    sample_folder.remove_old(place)
    return preprocessed


def _fingerprint(dl_dataset: DLDataset, index: int, param: Mapping[str, Any]) -> str:
    """What a preprocessed sample depends on: the files, and everything that is written into it."""
    sample = dl_dataset["samples"][index]
    files = [Path(dl_dataset["image_dir"]) / sample["image_file_name"]]
    if sample.get("anomaly_file_name"):
        files += [Path(dl_dataset.get("anomaly_dir", "")) / name for name in as_list(sample["anomaly_file_name"])]
    content = {
        "image_id": sample["image_id"],
        "anomaly_label": sample.get("anomaly_label"),
        "param": dict(param),
        "dlproc": __version__,
    }
    return sample_folder.fingerprint(files, content)


def _take_over(target: Path, folder: Path, made_from: str) -> bool:
    """Whether a finished sample is there from an interrupted run, or can be taken from the existing folder."""
    if sample_folder.has_fingerprint(target, made_from):
        return True
    existing = folder / sample_folder.SAMPLES_FOLDER / target.name
    if not sample_folder.has_fingerprint(existing, made_from):
        return False
    sample_folder.link_or_copy(existing, target)
    return True


def _describe(dl_dataset: DLDataset, folder: Path, param: Mapping[str, Any]) -> DLDataset:
    """The dataset as it will be, as a new dictionary."""
    samples = [
        {
            **sample,
            "dlsample_file_name": sample_folder.sample_file_name(sample["image_id"]),
            "dlsample_fingerprint": _fingerprint(dl_dataset, index, param),
        }
        for index, sample in enumerate(dl_dataset["samples"])
    ]
    dlsample_dir = (folder / sample_folder.SAMPLES_FOLDER).as_posix()
    return {**dl_dataset, "samples": samples, "preprocess_param": param, "dlsample_dir": dlsample_dir}  # type: ignore[typeddict-item]


def _check_space(folder: Path, samples_dir: Path, samples: Sequence[DLDatasetSample], param: Mapping[str, Any]) -> None:
    """Raise unless the disk has space for the samples that are not there yet: a float32 for each pixel and channel."""
    folders = samples_dir, folder / sample_folder.SAMPLES_FOLDER
    n_missing = sum(not any((one / sample["dlsample_file_name"]).exists() for one in folders) for sample in samples)
    n_bytes = 4 * param["image_width"] * param["image_height"] * param["image_num_channels"]
    check_space(folder, n_missing * n_bytes, f"{n_missing} preprocessed samples")
