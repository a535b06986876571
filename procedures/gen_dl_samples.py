"""The procedure `gen_dl_samples`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from dlproc.errors import DLDictError, DLFileError, DLParamError
from dlproc.io.images import read_image
from dlproc.io.masks import read_mask
from dlproc.schema.check import check_indices, check_keys, check_options, convert
from dlproc.schema.keys import MODEL_TYPES, DLDataset, DLDatasetSample, DLSample, GenSamplesGenParam
from dlproc.schema.kinds import Text, as_list


def gen_dl_samples(
    dl_dataset: DLDataset,
    sample_indices: int | Sequence[int],
    restrict_keys_dl_sample: str = "off",
    gen_param: Mapping[str, Any] | None = None,
) -> list[DLSample]:
    """Read images and their annotations from disk, as they are, not preprocessed.

    Parameters
    ----------
    dl_dataset : DLDataset
        Read: ``'image_dir'``, ``'anomaly_dir'``, ``'samples'``.
    sample_indices : int or sequence of int
        Positions in ``dl_dataset['samples']``, from 0.
    restrict_keys_dl_sample : str
        ``'anomaly_detection'``, ``'gc_anomaly_detection'``: image and annotation; ``'image_only'``: the image;
        ``'off'``: whatever there is.
    gen_param : mapping, optional
        ``'ignore_missing_labels'`` : bool. Accept a sample without ``'anomaly_label'``; default only with ``'off'``.

    Returns
    -------
    list of DLSample
        ``'image_id'``, ``'image'``, and unless ``'image_only'``: ``'anomaly_label'``, ``'anomaly_label_id'`` (0 ok, 1
        nok), and where the sample has an annotation ``'anomaly_ground_truth'``, the annotation image as it is; one of
        several files or of a JPEG file with 0 and 255 (JPEG changes gray values: 128 and more is anomalous).

    Raises
    ------
    DLFileError
        An image that cannot be read; the message names the file and the image id.
    DLDictError
        A label is missing, or an annotation is not a single-channel image of the image's size.
    DLParamError
        An index out of range, another value for `restrict_keys_dl_sample`, an unknown key in `gen_param`.
    """
    # 1. Check the arguments and fill in the defaults.
    options = check_options(gen_param, GenSamplesGenParam, "gen_param")
    choices = (*MODEL_TYPES, "image_only", "off")
    restrict = convert(restrict_keys_dl_sample, Text("", choices=choices), "restrict_keys_dl_sample", DLParamError)
    ignore_missing = options["ignore_missing_labels"]
    if ignore_missing is None:
        ignore_missing = restrict == "off"
    check_keys(dl_dataset, DLDataset, ["image_dir", "samples"], "dl_dataset")
    indices = check_indices(sample_indices, len(dl_dataset["samples"]), "sample_indices")

    batch: list[DLSample] = []
    for index in indices:
        where = f"dl_dataset['samples'][{index}]"
        described = dl_dataset["samples"][index]
        check_keys(described, DLDatasetSample, ["image_id", "image_file_name"], where)

        # 2. The image.
        image_id = described["image_id"]
        image = _read(read_image, image_id, Path(dl_dataset["image_dir"]) / described["image_file_name"])
        sample: DLSample = {"image_id": image_id, "image": image}

        # 3. What is known of it.
        if restrict != "image_only":
            if "anomaly_label" in described:
                check_keys(described, DLDatasetSample, ["anomaly_label"], where)
                sample["anomaly_label"] = described["anomaly_label"]
                sample["anomaly_label_id"] = int(described["anomaly_label"] == "nok")
            elif not ignore_missing:
                hint = "gen_param {'ignore_missing_labels': True} accepts it"
                raise DLDictError(f"{where}['anomaly_label']", "'ok' or 'nok'", "no such key", hint)
            if described.get("anomaly_file_name"):
                check_keys(dl_dataset, DLDataset, ["anomaly_dir"], "dl_dataset")
                names = as_list(described["anomaly_file_name"])
                paths = [Path(dl_dataset["anomaly_dir"]) / name for name in names]
                size = image.shape[:2]
                sample["anomaly_ground_truth"] = _read(read_mask, image_id, paths, size, f"image_id {image_id}")
        batch.append(sample)
    return batch


def _read(read: Callable[..., Any], image_id: int, *arguments: Any) -> Any:
    """What `read` reads; an error of a file says also which image of the dataset it belongs to."""
    try:
        return read(*arguments)
    except DLFileError as error:
        hint = f"image_id {image_id}"
        raise DLFileError(
            Path(error.where).as_posix(), error.expected, error.got, hint, halcon_code=error.halcon_code
        ) from error
