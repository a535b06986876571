"""The procedure `read_dl_dataset_mvtec`, which HALCON does not have."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlproc.errors import DLDataError, DLFileError
from dlproc.io.image_folder import describe_images, read_image_folder
from dlproc.io.layout import label_hint
from dlproc.rng import numpy_generator
from dlproc.schema.check import check_options
from dlproc.schema.keys import SPLITS, DLDataset, ReadMvtecGenParam


def read_dl_dataset_mvtec(root: str | Path, gen_param: Mapping[str, Any] | None = None) -> DLDataset:
    """Describe a folder in the layout of the MVTec AD datasets, with its split.

    The layout is ``train/good/*``, ``test/<type>/*`` with ``test/good`` among the types, and
    ``ground_truth/<type>/<name>_mask.png``; `dlproc.io.layout` says in full how names are read. Upper and lower case do
    not matter, ``ok`` counts as ``good``, folders of classes may be nested, ``train/*`` may have no sub-folder, masks
    may consist of parts (``ground_truth/<type>/<name>/000.png``), and ``validation/good`` may be there.

    Parameters
    ----------
    root : str or Path
        The folder that holds ``train`` and ``test``; ``ground_truth`` may be missing.
    gen_param : mapping, optional
        ``'validation_percent'`` : number from 0 to 100, default 20. This share of the training images, rounded to the
        nearest image, drawn with the seed of `set_system`, becomes 'validation'; with two images or more and a share
        above 0 at least one, and at least one stays for training. Without effect where ``validation`` has images.
        ``'good'``, ``'defective'`` : list of folders, by name or by path below `root`, that are good or defective, too.
        ``'masks'`` : the folder of the masks, where it is called otherwise or lies elsewhere.

    Returns
    -------
    DLDataset
        As of `read_dl_dataset_anomaly`, with ``'split'`` in each sample, the training images first. Defective images
        below ``train`` or ``validation`` are for the test. Images outside of the splits are left out. File names are
        relative to `root`.

    Raises
    ------
    DLFileError
        `root` is not an existing folder (halcon_code 5200).
    DLParamError
        A folder of `gen_param` that is not there.
    DLDataError
        No good image below ``train``; an image of which no folder says whether it is good; a mask of two images.

    References
    ----------
    .. [1] P. Bergmann et al.: The MVTec Anomaly Detection Dataset. IJCV 129, 2021.
    """
    options = check_options(gen_param, ReadMvtecGenParam, "gen_param")
    folder = Path(root)
    if not folder.is_dir():
        raise DLFileError("root", "an existing folder", f"'{folder.as_posix()}'", halcon_code=5200)

    # 1. Say what each file is, by its name.
    found = read_image_folder(folder, options["good"], options["defective"], options["masks"])
    layout = found.layout
    if not any(image.split == "train" for image in layout.used):
        raise DLDataError(folder.as_posix(), "a good image below a folder 'train', like train/good/1.png", "none")
    if layout.unlabelled:
        first = layout.unlabelled[0]
        raise DLDataError((folder / first.name).as_posix(), *label_hint(first))

    # 2. Describe the images, split by split.
    images = sorted(layout.used, key=lambda image: (SPLITS.index(image.split), image.name))
    dataset = describe_images(images, folder, found.outside_masks, has_splits=True)

    # 3. Set aside some of the training images, drawn among the sorted names.
    n_train = sum(image.split == "train" for image in images)
    percent = 0 if any(image.split == "validation" for image in images) else options["validation_percent"]
    n_validation = round(n_train * percent / 100)
    if percent > 0:
        n_validation = min(max(n_validation, 1), n_train - 1)
    for index in numpy_generator("read_dl_dataset_mvtec").permutation(n_train)[:n_validation]:
        dataset["samples"][index]["split"] = "validation"
    return dataset
