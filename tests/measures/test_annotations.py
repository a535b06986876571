"""How far annotations go."""

from dataclasses import asdict

import numpy as np

from dlproc.measures.annotations import AnnotationCounts, annotation_remarks


def test_counts_and_remarks():
    black, white = np.zeros((4, 5), np.uint8), np.full((4, 5), 255, np.uint8)
    counts = AnnotationCounts()
    for is_nok, truth in [(True, white), (True, None), (True, black), (False, white), (False, black), (False, None)]:
        counts.add(is_nok, truth)
    assert asdict(counts) == {"n_nok": 3, "n_annotated": 2, "n_empty": 1, "n_ok_anomalous": 1}
    assert annotation_remarks(asdict(counts)) == [
        "2 of 3 defective images have an annotation; measures of pixels leave out the others.",
        "1 of 2 annotations of defective images is empty at the model's size; measures of pixels take these images for "
        "good all over.",
        "1 good image has an annotation with anomalous pixels; measures of pixels take them for defects.",
    ]


def test_no_annotation_at_all_and_all_annotated_need_no_remark():
    assert annotation_remarks({"n_nok": 3, "n_annotated": 0, "n_empty": 0, "n_ok_anomalous": 0}) == []
    assert annotation_remarks({"n_nok": 3, "n_annotated": 3, "n_empty": 0, "n_ok_anomalous": 0}) == []
