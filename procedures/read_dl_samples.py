"""The procedure `read_dl_samples`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dlproc.errors import DLFileError, DLParamError
from dlproc.io.sample_folder import read_sample
from dlproc.schema.check import check_indices, check_keys
from dlproc.schema.keys import DLDataset, DLDatasetSample, DLSample


def read_dl_samples(dl_dataset: DLDataset, sample_indices: int | Sequence[int]) -> list[DLSample]:
    """Read preprocessed samples from disk, and check that they are those of this dataset.

    Parameters
    ----------
    dl_dataset : DLDataset
        Read: ``'dlsample_dir'``, ``'samples'`` with ``'image_id'``, ``'dlsample_file_name'`` and
        ``'dlsample_fingerprint'``, which `preprocess_dl_dataset` wrote. Written: ``'dlsample_file_name'`` of a
        sample that lacks it, where the file ``<image_id>_dlsample.hdict`` is there.
    sample_indices : int or sequence of int
        Positions in ``dl_dataset['samples']``, from 0; at least one.

    Returns
    -------
    list of DLSample
        In the order of the indices.

    Raises
    ------
    DLDictError
        The dataset was not preprocessed.
    DLParamError
        No index, or one out of range (halcon_code 7926).
    DLFileError
        A sample has no file (5200); the file is damaged, or holds a sample of another dataset or another
        preprocessing (7780).
    """
    check_keys(dl_dataset, DLDataset, ["samples", "dlsample_dir"], "dl_dataset")
    indices = check_indices(sample_indices, len(dl_dataset["samples"]), "sample_indices")
    if not indices:
        raise DLParamError("sample_indices", "at least one index", "none")
    folder = Path(dl_dataset["dlsample_dir"])
    batch = []
    found_names = {}
    for index in indices:
        described = dl_dataset["samples"][index]
        check_keys(described, DLDatasetSample, ["image_id"], f"dl_dataset['samples'][{index}]")
        name = described.get("dlsample_file_name", f"{described['image_id']}_dlsample.hdict")
        if not (folder / name).is_file():
            hint = f"image_id {described['image_id']}: run preprocess_dl_dataset"
            raise DLFileError(
                (folder / name).as_posix(), "a preprocessed sample", "no such file", hint, halcon_code=5200
            )
        batch.append(read_sample(folder / name, described))
        found_names[index] = name
    for index, name in found_names.items():
        dl_dataset["samples"][index]["dlsample_file_name"] = name
    return batch  # type: ignore[return-value]  # what write_dl_samples wrote
