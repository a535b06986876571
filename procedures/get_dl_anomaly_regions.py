"""The procedure `get_dl_anomaly_regions`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np

from dlproc.errors import DLDictError, DLParamError
from dlproc.images.regions import Box, describe_regions, label_regions, to_original
from dlproc.measures.confusion import is_at_least
from dlproc.schema.check import check_box, check_keys, check_list, check_options
from dlproc.schema.domain import domain_of, place_of_domain
from dlproc.schema.keys import AnomalyRegion, DLResult, RegionsGenParam


def get_dl_anomaly_regions(
    dl_result: DLResult | Sequence[DLResult], gen_param: Mapping[str, Any] | None = None
) -> list[AnomalyRegion]:
    """Find the connected regions of an anomaly image, with size, place, scores and outline. dlproc's own procedure.

    Parameters
    ----------
    dl_result : DLResult
        One result of `apply_dl_model`; not changed.
        Read: ``'anomaly_image'``, float32 (H, W), scores 0 to 1; ``'domain'``, bool (H, W), where there: pixels outside
        belong to no region; ``'anomaly_segmentation_threshold'``, unless the option of that name is given.
    gen_param : mapping, optional
        ``'anomaly_segmentation_threshold'`` : float, 0 to 1. Smallest score of a pixel; not given: the one that
        `threshold_dl_anomaly_results` wrote.
        ``'hysteresis_threshold'`` : float, 0 to the segmentation threshold. A region that holds a pixel of the
        segmentation threshold grows over the connected pixels that reach this score; not given: it does not grow.
        ``'min_area'`` : int >= 1, default 1. Pixels that a region has at least.
        ``'border'`` : 'keep' (default) or 'remove' regions that touch the image's border, or where there is a domain
        the box around it.
        ``'border_width'`` : int >= 0, default 0. So many pixels at each side of the image, or of that box, never count;
        the border of ``'border'`` lies inside of them.
        ``'ignore_region'`` : bool (H, W). Pixels that never count, such as those of a printed number.
        ``'original_size'`` : [width, height] of the original image in pixels, in HALCON's order: adds ``'original'``.
        ``'original_box'`` : [row1, column1, row2, column2], first and last pixel, of the part of the original image
        that became the sample, as with domain handling 'crop_domain'; adds ``'original'``; not given: the whole image.

    Returns
    -------
    list of AnomalyRegion
        The largest first; of equal ones that first whose first pixel comes first row by row. Rows and columns are in
        pixels of the anomaly image, whole numbers at the centres of pixels:
        ``'area'``, pixels; ``'area_share'``, share of the image or its domain, 0 to 1; ``'row1'``, ``'column1'``,
        ``'row2'``, ``'column2'``, the smallest box, first and last pixel; ``'row'``, ``'column'``, centre of gravity;
        ``'peak'``, largest score, at ``'peak_row'``, ``'peak_column'``; ``'mean_score'``; ``'contour'``, float64
        (N, 2), rows and columns of the outer border (one closed line, the last point is the first; holes have none),
        half-way between pixels inside and outside, also at the border of the image.
        ``'original'``, where asked for: area, box, centre, place of the peak and contour in the original image. Pixel r
        has its centre at ``(r + 0.5) * scale - 0.5`` there; the box holds all pixels that the model's box touches.

    Raises
    ------
    DLDictError
        A key that is read is missing or holds something else; an empty domain (halcon_code 7886).
    DLParamError
        An option is not known or not valid; ``'ignore_region'`` of another size; a hysteresis threshold above the
        segmentation threshold; a box outside of the original image.

    Notes
    -----
    Pixels that touch at a corner belong together. Equality with a threshold is an anomaly, compared in float32.

    Examples
    --------
    >>> import dlproc as dl, numpy as np
    >>> result = {"anomaly_image": np.float32([[0.9, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.1]])}
    >>> options = {"anomaly_segmentation_threshold": 0.5, "original_size": [30, 60]}
    >>> (region,) = dl.get_dl_anomaly_regions(result, options)
    >>> region["area"], region["row"], region["row2"], region["peak_row"]
    (2, 0.5, 1, 0)
    >>> region["original"]["area"], region["original"]["row"], region["original"]["row2"]
    (400.0, 19.5, 39)
    """
    # 1. Check the result and the options.
    options = check_options(gen_param, RegionsGenParam, "gen_param")
    results = check_list(dl_result, "dl_result")
    if len(results) != 1:
        raise DLDictError("dl_result", "one result", f"{len(results)}")
    result = results[0]
    threshold = options["anomaly_segmentation_threshold"]
    needed = ["anomaly_image"] if threshold is not None else ["anomaly_image", "anomaly_segmentation_threshold"]
    check_keys(result, DLResult, needed + ["domain"] * ("domain" in result), "dl_result")
    if threshold is None:
        threshold = float(result["anomaly_segmentation_threshold"])
    weaker_threshold = options["hysteresis_threshold"]
    if weaker_threshold is not None and np.float32(weaker_threshold) > np.float32(threshold):
        expected = f"at most the segmentation threshold, {threshold:g}"
        raise DLParamError("gen_param['hysteresis_threshold']", expected, f"{weaker_threshold:g}")
    scores, ignored = result["anomaly_image"], options["ignore_region"]
    if "domain" in result and result["domain"].shape != scores.shape:
        expected = f"an array of the anomaly image's size, {scores.shape}"
        raise DLDictError("dl_result['domain']", expected, f"{result['domain'].shape}")
    domain = domain_of(result)
    if domain is not None and not domain.any():
        place = f"dl_result['{place_of_domain(result)}']"
        raise DLDictError(place, "at least one pixel", "none", halcon_code=7886)
    if ignored is not None and ignored.shape != scores.shape:
        expected = f"an array of the anomaly image's size, {scores.shape}"
        raise DLParamError("gen_param['ignore_region']", expected, f"{ignored.shape}")
    original_box = _original_box(options)

    # 2. Connected regions, each measured.
    labels = label_regions(
        is_at_least(scores, threshold),
        weaker=None if weaker_threshold is None else is_at_least(scores, weaker_threshold),
        domain=domain,
        ignored=ignored,
        min_area=options["min_area"],
        border=options["border"],
        border_width=options["border_width"],
    )
    regions = describe_regions(labels, scores, None if domain is None else int(np.count_nonzero(domain)))

    # 3. The same in the original image.
    if original_box is not None:
        for region in regions:
            region["original"] = to_original(region, scores.shape, original_box)
    return cast(list[AnomalyRegion], regions)


def _original_box(options: Mapping[str, Any]) -> Box | None:
    """Part of the original image that became the sample; None when nothing is asked for."""
    size, box = options["original_size"] or None, options["original_box"] or None  # [] means "not given"
    if size is not None and len(size) != 2:
        raise DLParamError("gen_param['original_size']", "two numbers, [width, height]", repr(size))
    if box is None:
        return None if size is None else (0, 0, size[1] - 1, size[0] - 1)
    row1, column1, row2, column2 = check_box(box, "gen_param['original_box']")
    if size is not None and (row2 >= size[1] or column2 >= size[0]):
        expected = f"a box inside of the original image, {size[0]} x {size[1]}"
        raise DLParamError("gen_param['original_box']", expected, repr(box))
    return row1, column1, row2, column2
