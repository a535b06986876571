"""The procedure `split_dl_dataset`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlproc.errors import DLDataError, DLParamError
from dlproc.rng import numpy_generator
from dlproc.schema.check import check_keys, check_options, convert
from dlproc.schema.keys import SPLITS, DLDataset, DLDatasetSample, SplitGenParam
from dlproc.schema.kinds import Real


def split_dl_dataset(
    dl_dataset: DLDataset,
    training_percent: float,
    validation_percent: float,
    gen_param: Mapping[str, Any] | None = None,
) -> None:
    """Share out the images: which are trained on, which set the thresholds, which test.

    Every 'nok' image goes to 'test', because training needs only good images. The good ones are shuffled and shared out
    by the given percentages; what remains of 100 percent is for the test.

    Parameters
    ----------
    dl_dataset : DLDataset
        Read: ``'samples'`` with ``'image_file_name'`` and ``'anomaly_label'``. Written: ``'split'`` of each sample:
        ``'train'``, ``'validation'`` or ``'test'``.
    training_percent, validation_percent : float
        0 to 100; their sum is at most 100.
    gen_param : mapping, optional
        ``'overwrite_split'`` : bool, default False. Replace a split that is there.
        ``'model_type'`` : ``'anomaly_detection'``, ``'gc_anomaly_detection'`` or ``''`` (default), which mean the same
        here.

    Raises
    ------
    DLParamError
        A percentage below 0 or a sum above 100; an unknown key in `gen_param`.
    DLDataError
        No good image; or the dataset is already split.

    Notes
    -----
    Reproducible through ``set_system('seed_rand', n)``. The images are sorted by name before they are shuffled, so the
    order of the samples changes nothing.

    Of n good images, floor(n · percent / 100) go to 'train' and to 'validation'. The images left over by rounding are
    drawn one by one with the given ratios, as HALCON does; first, and that is dlproc's own choice, each split that was
    asked for and is still empty gets one, so that three good images are enough for all three.

    Examples
    --------
    >>> import dlproc as dl
    >>> dataset = {"samples": [{"image_file_name": f"{i}.png", "anomaly_label": "ok"} for i in range(10)]}
    >>> dl.split_dl_dataset(dataset, 50, 20)
    >>> sorted(sample["split"] for sample in dataset["samples"])[:4]
    ['test', 'test', 'test', 'train']
    """
    # 1. Check everything before anything is changed.
    options = check_options(gen_param, SplitGenParam, "gen_param")
    percents = [
        convert(training_percent, Real("", low=0), "training_percent", DLParamError),
        convert(validation_percent, Real("", low=0), "validation_percent", DLParamError),
    ]
    if sum(percents) > 100:
        raise DLParamError("training_percent + validation_percent", "at most 100", f"{sum(percents):g}")
    percents.append(100 - sum(percents))
    check_keys(dl_dataset, DLDataset, ["samples"], "dl_dataset")
    samples = dl_dataset["samples"]
    for index, sample in enumerate(samples):
        check_keys(sample, DLDatasetSample, ["image_file_name", "anomaly_label"], f"dl_dataset['samples'][{index}]")
    if any("split" in sample for sample in samples) and not options["overwrite_split"]:
        hint = "gen_param {'overwrite_split': True} replaces it"
        raise DLDataError("dl_dataset", "a dataset that is not split", "one that is", hint)
    ok_samples = [sample for sample in samples if sample["anomaly_label"] == "ok"]
    if not ok_samples:
        got = f"none among {len(samples)} samples"
        raise DLDataError(
            "dl_dataset", "at least one good image", got, "good images lie in a folder named 'good' or 'ok'"
        )

    # 2. Shuffle the good images, in an order that depends on their names and the seed alone.
    generator = numpy_generator("split_dl_dataset")
    ok_samples.sort(key=lambda sample: sample["image_file_name"])
    shuffled = [ok_samples[index] for index in generator.permutation(len(ok_samples))]

    # 3. The whole parts go to the splits; of the images left over, one to each split that is empty against its will.
    counts = [int(len(shuffled) * percent / 100 + 1e-9) for percent in percents]
    for index, percent in enumerate(percents):
        if percent > 0 and counts[index] == 0 and sum(counts) < len(shuffled):
            counts[index] = 1
    n_left_over = len(shuffled) - sum(counts)
    drawn = generator.choice(len(SPLITS), size=n_left_over, p=[percent / 100 for percent in percents])
    for index in drawn:
        counts[index] += 1

    # 4. Write the splits into the samples.
    splits = [name for name, count in zip(SPLITS, counts, strict=True) for _ in range(count)]
    for sample in samples:
        sample["split"] = "test"
    for sample, split in zip(shuffled, splits, strict=True):
        sample["split"] = split
