"""The procedure `write_dl_samples`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dlproc.errors import DLDictError, DLFileError, DLParamError
from dlproc.io.container import check_content, write_container
from dlproc.io.dicts import serializable
from dlproc.io.sample_folder import changed_fingerprint
from dlproc.schema.check import check_indices, check_keys, check_list, check_options
from dlproc.schema.keys import DLDataset, DLDatasetSample, DLSample, WriteSamplesGenParam
from dlproc.schema.kinds import as_list


def write_dl_samples(
    dl_dataset: DLDataset,
    sample_indices: int | Sequence[int],
    dl_sample_batch: DLSample | Sequence[DLSample],
    gen_param_name: object = None,
    gen_param_value: object = None,
) -> None:
    """Write preprocessed samples to disk, for example after their domain was reduced.

    Parameters
    ----------
    dl_dataset : DLDataset
        Read: ``'dlsample_dir'``, an existing folder; ``'samples'`` with ``'image_id'``, ``'dlsample_fingerprint'``.
        Written:
        ``'dlsample_file_name'`` of the samples at `sample_indices`, ``<image_id>_dlsample.hdict``.
    sample_indices : int or sequence of int
        Positions in ``dl_dataset['samples']``, from 0.
    dl_sample_batch : sequence of DLSample
        As many, in the same order. Read: all keys; ``'image_id'`` must be that of the dataset's sample.
    gen_param_name, gen_param_value : list
        ``'raise_error_if_content_not_serializable'`` with True (default), or False: leave out what a file cannot hold.

    Raises
    ------
    DLDictError
        An image id that differs, or a value that a file cannot hold.
    DLParamError
        Lists of different lengths, an index out of range (halcon_code 7926), an unknown option.
    DLFileError
        The folder does not exist (5200), or a file cannot be written (7781).
    """
    # 1. Check everything before the first file is written.
    names, values = as_list(gen_param_name), as_list(gen_param_value)
    if len(names) != len(values):
        raise DLParamError("gen_param_name", f"{len(values)} names, as many as values", f"{len(names)}")
    options = check_options(dict(zip(map(str, names), values, strict=True)), WriteSamplesGenParam, "gen_param_name")
    check_keys(dl_dataset, DLDataset, ["samples", "dlsample_dir"], "dl_dataset")
    indices = check_indices(sample_indices, len(dl_dataset["samples"]), "sample_indices")
    batch = check_list(dl_sample_batch, "dl_sample_batch")
    if len(indices) != len(batch):
        raise DLParamError("dl_sample_batch", f"{len(indices)} samples, as many as sample_indices", f"{len(batch)}")
    for position, (index, sample) in enumerate(zip(indices, batch, strict=True)):
        described = dl_dataset["samples"][index]
        check_keys(described, DLDatasetSample, ["image_id"], f"dl_dataset['samples'][{index}]")
        check_keys(sample, DLSample, ["image_id"], f"dl_sample_batch[{position}]")
        if sample["image_id"] != described["image_id"]:
            where = f"dl_sample_batch[{position}]['image_id']"
            raise DLDictError(where, f"{described['image_id']}, as in the dataset", f"{sample['image_id']}")
    must_raise = options["raise_error_if_content_not_serializable"]
    for position, sample in enumerate(batch if must_raise else ()):
        check_content(sample, f"dl_sample_batch[{position}]")
    folder = Path(dl_dataset["dlsample_dir"])
    if not folder.is_dir():
        raise DLFileError(
            "dl_dataset['dlsample_dir']", "an existing folder", f"'{folder.as_posix()}'", halcon_code=5200
        )

    # 2. Write each sample and note its file.
    for index, sample in zip(indices, batch, strict=True):
        name = f"{sample['image_id']}_dlsample.hdict"
        described = dl_dataset["samples"][index]
        made_from = changed_fingerprint(described.get("dlsample_fingerprint", ""))
        write_container(folder / name, sample if must_raise else serializable(sample), "dict", made_from)
        described["dlsample_file_name"] = name
