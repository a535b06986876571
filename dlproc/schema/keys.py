"""Every dictionary of dlproc, key by key.

The annotation of a key says what it holds to three readers at once: type checkers, the run-time checks of
`dlproc.schema.check`, and the page "keys" of the documentation. Data dictionaries (`DLDataset`, `DLSample`, `DLResult`,
...) are open: a key that is not named here is kept. Parameter dictionaries (their names end in ``Param``) are closed:
a key that is not named here is an error.

Shapes: H rows, W columns, C channels; row 0 on top. Scores lie in [0, 1], higher is more anomalous.
"""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from dlproc.schema.kinds import Anything, Array, Color, Flag, Integer, Items, Nested, Opacity, Real, Text

CLASS_NAMES = ["ok", "nok"]
CLASS_IDS = [0, 1]
PRECISIONS = ("float32", "float16", "int8")
SPLITS = ("train", "validation", "test")
NORMALIZATION_TYPES = ("all_channels", "first_channel", "constant_values", "none")
DOMAIN_HANDLINGS = ("full_domain", "crop_domain", "keep_domain")
MODEL_TYPES = ("anomaly_detection", "gc_anomaly_detection")
GC_NETWORKS = ("local", "global")
# Model parameters that scores depend on; after a change of one the thresholds that are stored are for other scores.
OF_SCORES = ("standard_deviation_factor", "gc_anomaly_networks", "anomaly_score_tolerance")
ANOMALY_MEASURES = (
    "anomaly_score_histogram",
    "precision",
    "recall",
    "absolute_confusion_matrix",
    "relative_confusion_matrix",
    "image_auroc",
    "image_average_precision",
    "image_best_f1",
    "precision_at_recall_1",
    "fpr_at_recall",
    "anomaly_types",
    "image_scores",
    "pixel_auroc",
    "pixel_average_precision",
    "pixel_best_f1",
    "pixel_iou",
    "au_pro",
    "regions",
)
# Those of them that ask for thresholds.
NEED_THRESHOLD = {"precision", "recall", "absolute_confusion_matrix", "relative_confusion_matrix"}
FONTS = ("sans", "mono", "serif")
COLOR_SCHEMES = ("viridis", "jet", "inverse_jet", "hot", "inverse_hot")
EVALUATION_DISPLAY_MODES = (
    "score_histogram",
    "score_legend",
    "absolute_confusion_matrix",
    "relative_confusion_matrix",
    "pie_charts_precision",
    "pie_charts_recall",
    "roc",
    "precision_recall",
    "pro_curve",
    "anomaly_types",
)
DECISIONS = ("accept", "review", "reject")
DECISION_VALUES = (
    "anomaly_score",
    "confidence",
    "anomaly_class",
    "covered_area",
    "number_of_regions",
    "largest_region",
    "largest_region_share",
    "number_of_types",
    "position",
)
THRESHOLD_METHODS = ("halcon", "zero_miss", "max_f1", "target_fpr", "min_cost", "conformal")

# ---------------------------------------------------------------------------------------------------- data dictionaries


class DLDatasetSample(TypedDict, total=False):
    """One image of a dataset: where it is and what is known of it, not its pixels."""

    image_id: Annotated[int, Integer("Number of the image, unique in the dataset.", low=0)]
    image_file_name: Annotated[str, Text("File of the image, relative to the dataset's `image_dir`.")]
    anomaly_label: Annotated[str, Text("The image as a whole.", choices=("ok", "nok"))]
    anomaly_type: Annotated[str, Text("Kind of defect; absent: the name of the image's folder. dlproc's own.")]
    anomaly_file_name: Annotated[
        str | list[str],
        Items(
            "File of the annotation, relative to the dataset's `anomaly_dir`; several: each has a part of the defects.",
            kind=Text("A file."),
            min_length=1,
        ),
    ]
    split: Annotated[str, Text("What the image serves for.", choices=SPLITS)]
    dlsample_file_name: Annotated[str, Text("File of the preprocessed sample, relative to `dlsample_dir`.")]
    dlsample_fingerprint: Annotated[
        str, Text("What the preprocessed sample was made from; compared when it is read. dlproc's own.")
    ]


class DLDataset(TypedDict, total=False):
    """A folder of images, as `read_dl_dataset_anomaly` finds it and `preprocess_dl_dataset` prepares it."""

    image_dir: Annotated[str, Text("Folder that the image files are relative to.")]
    anomaly_dir: Annotated[str, Text("Folder that the annotation files are relative to.")]
    class_names: Annotated[list[str], Items("Names of the classes.", kind=Text("A name."))]
    class_ids: Annotated[list[int], Items("Numbers of the classes.", kind=Integer("A number."))]
    samples: Annotated[
        list[DLDatasetSample], Items("One dictionary for each image.", kind=Nested("An image.", "DLDatasetSample"))
    ]
    preprocess_param: Annotated[DLPreprocessParam, Nested("How the samples were preprocessed.", "DLPreprocessParam")]
    dlsample_dir: Annotated[str, Text("Folder of the preprocessed samples.")]


class DLSample(TypedDict, total=False):
    """One image with its pixels, as a model takes it."""

    image_id: Annotated[int, Integer("Number of the image in its dataset.", low=0)]
    image: Annotated[
        NDArray[np.generic],
        Array(
            "Gray values; after preprocessing float32 (H, W, C) of the model's size. It may carry a domain.",
            shapes=("H W", "H W C"),
        ),
    ]
    anomaly_label: Annotated[str, Text("The image as a whole.", choices=("ok", "nok"))]
    anomaly_label_id: Annotated[int, Integer("The same as a number: 0 ok, 1 nok.", low=0, high=1)]
    anomaly_ground_truth: Annotated[
        NDArray[np.generic], Array("Annotation; a pixel > 0 is anomalous.", shapes=("H W",))
    ]
    domain: Annotated[
        NDArray[np.bool_],
        Array(
            "Where the image counts. Outside, nothing is learnt, scored or decided.", shapes=("H W",), dtypes=("bool",)
        ),
    ]


class DLResult(TypedDict, total=False):
    """What a model says of one sample, and after `threshold_dl_anomaly_results` what is decided."""

    anomaly_image: Annotated[
        NDArray[np.float32],
        Array("Score of each pixel, model size; 0 outside the domain.", dtypes=("float32",), low=0.0, high=1.0),
    ]
    anomaly_score: Annotated[float, Real("Score of the image.", low=0.0, high=1.0)]
    anomaly_image_local: Annotated[
        NDArray[np.float32],
        Array("'gc_anomaly_detection': what the local network says.", dtypes=("float32",), low=0.0, high=1.0),
    ]
    anomaly_score_local: Annotated[float, Real("The same of the image.", low=0.0, high=1.0)]
    anomaly_image_global: Annotated[
        NDArray[np.float32],
        Array("'gc_anomaly_detection': what the global network says.", dtypes=("float32",), low=0.0, high=1.0),
    ]
    anomaly_score_global: Annotated[float, Real("The same of the image.", low=0.0, high=1.0)]
    domain: Annotated[NDArray[np.bool_], Array("The sample's domain, where it had one.", dtypes=("bool",))]
    anomaly_region: Annotated[NDArray[np.bool_], Array("Pixels decided to be anomalous.", dtypes=("bool",))]
    anomaly_class: Annotated[str, Text("The image, decided.", choices=("ok", "nok"))]
    anomaly_class_id: Annotated[int, Integer("The same as a number: 0 ok, 1 nok.", low=0, high=1)]
    anomaly_region_local: Annotated[NDArray[np.bool_], Array("As decided by the local map.", dtypes=("bool",))]
    anomaly_class_local: Annotated[str, Text("As decided by the local score.", choices=("ok", "nok"))]
    anomaly_class_id_local: Annotated[int, Integer("The same as a number.", low=0, high=1)]
    anomaly_region_global: Annotated[NDArray[np.bool_], Array("As decided by the global map.", dtypes=("bool",))]
    anomaly_class_global: Annotated[str, Text("As decided by the global score.", choices=("ok", "nok"))]
    anomaly_class_id_global: Annotated[int, Integer("The same as a number.", low=0, high=1)]
    anomaly_segmentation_threshold: Annotated[float, Real("Smallest score of a pixel of the region.", low=0.0)]
    anomaly_classification_threshold: Annotated[float, Real("Smallest score of a 'nok' image.", low=0.0)]
    confidence: Annotated[
        float, Real("How sure the class is, where a model or another system says so.", low=0.0, high=1.0)
    ]
    anomalies: Annotated[
        list[AnomalyType],
        Items("Types of anomaly on the image, each once, where they are told apart.", kind=Nested("", "AnomalyType")),
    ]
    decision: Annotated[str, Text("What `apply_dl_decision_rules` decided.", choices=DECISIONS)]
    decision_reasons: Annotated[
        list[DecisionReason], Items("What the decision rests on; empty: accepted.", kind=Nested("", "DecisionReason"))
    ]


class AnomalyType(TypedDict, total=False):
    """One type of anomaly on an image, as a model of several types or Amazon Lookout for Vision tells them apart."""

    name: Annotated[str, Text("Name of the type; 'background' is no anomaly.")]
    covered_area: Annotated[float, Real("Share of the image or its domain, 0 to 1.", low=0.0, high=1.0)]


class DecisionReason(TypedDict, total=False):
    """One comparison that holds, of a rule that applies."""

    rule: Annotated[str, Text("Name of the rule.")]
    decision: Annotated[str, Text("The rule's decision.", choices=DECISIONS[1:])]
    value_name: Annotated[str, Text("What was looked at.", choices=DECISION_VALUES)]
    type: Annotated[str, Text("Type of anomaly, where the condition names one.")]
    value: Annotated[float | str | list[float], Anything("What it is. Position: the region's box, or its centre.")]
    comparison: Annotated[str, Text("How it was compared: 'at_least', ...")]
    limit: Annotated[float | str | list[int], Anything("With what.")]
    text: Annotated[str, Text("The same as a sentence.")]


class AnomalyRegion(TypedDict, total=False):
    """One connected region, in pixels of the anomaly image. A row and a column are those of a pixel's centre."""

    area: Annotated[int, Integer("Pixels.", low=1)]
    area_share: Annotated[float, Real("Share of the image, or of its domain, 0 to 1.", low=0.0, high=1.0)]
    row1: Annotated[int, Integer("First row.", low=0)]
    column1: Annotated[int, Integer("First column.", low=0)]
    row2: Annotated[int, Integer("Last row.", low=0)]
    column2: Annotated[int, Integer("Last column.", low=0)]
    row: Annotated[float, Real("Centre of gravity.")]
    column: Annotated[float, Real("Centre of gravity.")]
    peak: Annotated[float, Real("Largest score of its pixels.", low=0.0, high=1.0)]
    peak_row: Annotated[int, Integer("Where that is; of several pixels the first, row by row.", low=0)]
    peak_column: Annotated[int, Integer("Where that is.", low=0)]
    mean_score: Annotated[float, Real("Mean score of its pixels.", low=0.0, high=1.0)]
    contour: Annotated[
        NDArray[np.float64],
        Array(
            "Outer border, (N, 2): rows and columns; closed: the last point is the first.",
            shapes=("N 2",),
            dtypes=("float64",),
        ),
    ]
    original: Annotated[OriginalRegion, Nested("The same in the original image, where asked for.", "OriginalRegion")]


class OriginalRegion(TypedDict, total=False):
    """The geometry of a region in pixels of the original image, before it was cropped and resized."""

    area: Annotated[float, Real("Pixels.", low=0.0)]
    row1: Annotated[int, Integer("First row that the box touches.", low=0)]
    column1: Annotated[int, Integer("First column.", low=0)]
    row2: Annotated[int, Integer("Last row.", low=0)]
    column2: Annotated[int, Integer("Last column.", low=0)]
    row: Annotated[float, Real("Centre of gravity.")]
    column: Annotated[float, Real("Centre of gravity.")]
    peak_row: Annotated[float, Real("Centre of the model's pixel with the largest score.")]
    peak_column: Annotated[float, Real("The same.")]
    contour: Annotated[
        NDArray[np.float64], Array("Outer border, (N, 2), closed.", shapes=("N 2",), dtypes=("float64",))
    ]


class DLTrainResult(TypedDict, total=False):
    """What `train_dl_model` reports. HALCON's names for the two keys are not confirmed; the meaning is."""

    final_error: Annotated[
        float, Real("Share of the good images' variety that the bank does not cover, 0 to 1.", low=0.0, high=1.0)
    ]
    final_epoch: Annotated[int, Integer("Epoch in which training ended, from 1.", low=1)]
    suspicious: Annotated[
        list[SuspiciousImage],
        Items(
            "Training images that look bad, the most suspicious first. dlproc's own key.",
            kind=Nested("", "SuspiciousImage"),
        ),
    ]
    total_loss: Annotated[
        float, Real("'gc_anomaly_detection': mean square of what was filled in wrongly, before the step.", low=0.0)
    ]


class SuspiciousImage(TypedDict, total=False):
    """A training image that looks unlike the others; look at it."""

    sample_index: Annotated[int, Integer("Place in the dataset's samples, or in the list that was trained on.", low=0)]
    image_id: Annotated[int, Integer("Number of the image, where it has one.", low=0)]
    image_file_name: Annotated[str, Text("Its file, relative to the dataset's `image_dir`; by `train_dl_model`.")]
    anomaly_score: Annotated[float, Real("Its score when the other images are what is known.", low=0.0, high=1.0)]
    deviations: Annotated[float, Real("How far it is above the others, in robust standard deviations.")]
    is_excluded: Annotated[bool, Flag("Whether the model was trained without it.")]


class ExtendReport(TypedDict, total=False):
    """What `extend_dl_model` did."""

    n_images_added: Annotated[int, Integer("Images that joined.", low=1)]
    n_images: Annotated[int, Integer("Images that the model is from now.", low=2)]
    n_patches_added: Annotated[int, Integer("Patches of the images that the bank did not cover.", low=0)]
    n_patches_removed: Annotated[int, Integer("Patches that left it because it was full.", low=0)]
    n_patches: Annotated[int, Integer("Patches in the bank now; at most twice what training puts into it.", low=1)]
    scores_before: Annotated[list[float], Items("Image scores of the samples before.", kind=Real("", 0.0, 1.0))]
    scores_after: Annotated[list[float], Items("The same now that the model knows them.", kind=Real("", 0.0, 1.0))]
    forgotten_thresholds: Annotated[
        dict[str, float], Nested("Thresholds that were in the model; they were for the scores before.")
    ]


class TrainInfo(TypedDict, total=False):
    """One epoch of a training by batches."""

    epoch: Annotated[int, Integer("Number of the epoch, from 1.", low=1)]
    mean_loss: Annotated[float, Real("Mean of the losses of its last `num_samples_mean_loss` images.", low=0.0)]
    learning_rate: Annotated[float, Real("With which it was made.", low=0.0)]


class EvaluationInfo(TypedDict, total=False):
    """One evaluation in a training by batches."""

    epoch: Annotated[float, Real("After which epoch; 0: before the first.", low=0.0)]
    split: Annotated[str, Text("'validation', or 'train' without such images: those that the gradient does not see.")]
    n_images: Annotated[int, Integer("Good images of it.", low=1)]
    loss: Annotated[float, Real("Mean square of what is filled in wrongly; the best model has the least.", low=0.0)]
    evaluation_result: Annotated[EvaluationResult, Nested("Where 'evaluate' asked for it.", "EvaluationResult")]


class ConfusionMatrix(TypedDict, total=False):
    """A confusion matrix for one threshold."""

    confusion_matrix: Annotated[
        NDArray[np.float64], Array("Rows: predicted ok, nok. Columns: ground truth ok, nok.", dtypes=("float64",))
    ]
    threshold: Annotated[float, Real("Images with this score or more are predicted nok.")]


class AnomalyScoreHistogram(TypedDict, total=False):
    """Two curves over the score; where they cross, both kinds of error are equally frequent."""

    ok_x: Annotated[list[float], Items("Scores of the ok images, ascending.", kind=Real(""))]
    ok_y: Annotated[list[float], Items("Share of the ok images with this score or more.", kind=Real(""))]
    nok_x: Annotated[list[float], Items("Scores of the nok images, ascending.", kind=Real(""))]
    nok_y: Annotated[list[float], Items("Share of the nok images with this score or less.", kind=Real(""))]


class GlobalEvaluation(TypedDict, total=False):
    """Numbers for the whole selection. With several thresholds the lists are concatenated, threshold by threshold."""

    precision_per_class: Annotated[list[float], Items("ok, nok; -1: no such image, 0: never predicted.", kind=Real(""))]
    mean_precision: Annotated[list[float], Items("Mean over the classes that exist.", kind=Real(""))]
    recall_per_class: Annotated[list[float], Items("ok, nok; -1: no such image.", kind=Real(""))]
    mean_recall: Annotated[list[float], Items("Mean over the classes that exist.", kind=Real(""))]
    image_auroc: Annotated[
        float | None, Anything("Probability that a nok image scores above an ok one; None where undefined.")
    ]
    image_average_precision: Annotated[float | None, Anything("Mean precision over the steps of recall.")]
    image_best_f1: Annotated[float | None, Anything("Largest F1 (nok is positive) over all thresholds.")]
    image_best_f1_threshold: Annotated[float | None, Anything("The largest threshold that gives it.")]
    precision_at_recall_1: Annotated[float | None, Anything("Share of nok among the rejected when no nok is missed.")]
    zero_miss_threshold: Annotated[float | None, Anything("The largest threshold that misses no nok image.")]
    fpr_at_recall: Annotated[
        list[float | None], Items("Share of the ok images that is rejected, for each of the recalls.")
    ]
    pixel_auroc: Annotated[float | None, Anything("AUROC of the pixels inside the domains.")]
    pixel_average_precision: Annotated[float | None, Anything("Average precision of the pixels.")]
    pixel_best_f1: Annotated[float | None, Anything("Largest F1 of the pixels over all thresholds.")]
    pixel_best_f1_threshold: Annotated[float | None, Anything("The largest threshold that gives it.")]
    pixel_iou: Annotated[float | None, Anything("Intersection over union at the segmentation threshold.")]
    au_pro: Annotated[float | None, Anything("Area under the per-region-overlap curve to 30 % false positives.")]
    au_pro_05: Annotated[float | None, Anything("The same to 5 % false positives.")]
    confidence_intervals: Annotated[
        dict[str, list[float]], Nested("For the measures of images: [low, high] at the level of EvalParams.")
    ]
    undefined: Annotated[dict[str, str], Nested("For each measure that is None, the reason.")]


class ImageScore(TypedDict, total=False):
    """One image of the selection, with its score."""

    image_id: Annotated[int, Integer("Number of the image.")]
    image_file_name: Annotated[str, Text("Its file, relative to the dataset's `image_dir`.")]
    anomaly_label: Annotated[str, Text("The truth.", choices=("ok", "nok"))]
    anomaly_type: Annotated[str, Text("Kind of defect; '' for an ok image.")]
    anomaly_score: Annotated[float, Real("Score of the image.")]


class TypeEvaluation(TypedDict, total=False):
    """The images of one kind of defect against all ok images."""

    anomaly_type: Annotated[str, Text("Kind of defect: the key of that name, or the image's folder.")]
    n_images: Annotated[int, Integer("How many images.")]
    image_auroc: Annotated[float | None, Anything("As in GlobalEvaluation, of these and the ok images.")]
    image_auroc_interval: Annotated[list[float] | None, Anything("Its confidence interval.")]
    recall: Annotated[list[float], Items("Share that is rejected, one for each classification threshold.")]
    recall_interval: Annotated[list[list[float]], Items("Confidence intervals, one for each threshold.")]


class ProCurve(TypedDict, total=False):
    """Per-region overlap against the false-positive rate of the pixels, thinned to some hundred points."""

    false_positive_rate: Annotated[list[float], Items("Ascending, 0 to 1.")]
    overlap: Annotated[list[float], Items("Mean share of a defect's pixels that is found, 0 to 1.")]


class RegionEvaluation(TypedDict, total=False):
    """One connected component of the annotations."""

    image_id: Annotated[int, Integer("Image it is in.")]
    area: Annotated[int, Integer("Pixels, at the model's size.")]
    peak: Annotated[float, Real("Largest score of its pixels: it is found with every threshold up to this.")]
    found: Annotated[bool | None, Anything("Whether a pixel reaches the segmentation threshold; None without one.")]
    overlap: Annotated[float | None, Anything("Share of its pixels that does.")]


class RegionSizeEvaluation(TypedDict, total=False):
    """The defects of one range of sizes."""

    area_from: Annotated[int, Integer("Smallest area, pixels.")]
    area_to: Annotated[int | None, Anything("Largest area, pixels; None: no limit.")]
    n_regions: Annotated[int, Integer("How many defects.")]
    n_found: Annotated[int | None, Anything("How many of them are found; None without a segmentation threshold.")]


class AnnotationEvaluation(TypedDict, total=False):
    """How many images of the selection are annotated; measures of pixels go by these annotations."""

    n_nok: Annotated[int, Integer("Defective images.")]
    n_annotated: Annotated[
        int, Integer("Defective images with an annotation; the others have no part in pixel measures.")
    ]
    n_empty: Annotated[int, Integer("Of those, without an anomalous pixel at the model's size: good all over.")]
    n_ok_anomalous: Annotated[int, Integer("Good images with anomalous pixels in their annotation: defects.")]


class EvaluationResult(TypedDict, total=False):
    """What `evaluate_dl_model` measured."""

    anomaly_score_histogram: Annotated[AnomalyScoreHistogram, Nested("Always.", "AnomalyScoreHistogram")]
    absolute_confusion_matrix: Annotated[list[ConfusionMatrix], Items("Counts, one for each threshold.")]
    relative_confusion_matrix: Annotated[list[ConfusionMatrix], Items("Shares of the true class, one per threshold.")]
    global_evaluation: Annotated[GlobalEvaluation, Nested("Where asked for.", "GlobalEvaluation")]
    image_scores: Annotated[
        list[ImageScore], Items("Measure 'image_scores': the images, in the dataset's order.", kind=Nested("", ""))
    ]
    anomaly_types: Annotated[list[TypeEvaluation], Items("Measure 'anomaly_types': one for each kind of defect.")]
    pro_curve: Annotated[ProCurve | None, Anything("Measure 'au_pro': the curve; None where undefined.")]
    regions: Annotated[list[RegionEvaluation], Items("Measure 'regions': every annotated defect.")]
    regions_by_size: Annotated[list[RegionSizeEvaluation], Items("The same, counted by size.")]
    annotations: Annotated[
        AnnotationEvaluation,
        Nested("With a measure of pixels or 'regions': what they rest on.", "AnnotationEvaluation"),
    ]


class OperatingPoint(TypedDict, total=False):
    """A threshold of the image score: where it is from, what it promises, and what it costs on labelled images."""

    method: Annotated[str, Text("The rule; 'halcon' or another of `compute_dl_anomaly_thresholds`.")]
    threshold: Annotated[float | None, Anything("Smallest score of a 'nok' image; None where the rule has none.")]
    promise: Annotated[str, Text("What may be expected of it, in a sentence; or why there is none.")]
    is_guaranteed: Annotated[bool, Flag("Whether the promise holds for new images, with the stated confidence.")]
    target_fpr: Annotated[float | None, Anything("Share of good images that may be rejected, where it has one.")]
    n_ok: Annotated[int, Integer("Good images that it is from.")]
    n_nok: Annotated[int, Integer("Defective images that it is from.")]
    quantile: Annotated[float | None, Anything("Share of those good images that score below it.")]
    n_false_alarms: Annotated[int | None, Anything("Good images that it rejects.")]
    n_missed: Annotated[int | None, Anything("Defective images that it accepts.")]
    false_alarm_rate: Annotated[float | None, Anything("The same as a share of the good images.")]
    false_alarm_interval: Annotated[list[float] | None, Anything("Its confidence interval (Clopper-Pearson).")]
    miss_rate: Annotated[float | None, Anything("Share of the defective images; None without one.")]
    miss_interval: Annotated[list[float] | None, Anything("Its confidence interval (Clopper-Pearson).")]
    cost: Annotated[float | None, Anything("Mean cost of an image, with the costs given; None without both classes.")]


class OperatingPoints(TypedDict, total=False):
    """What `estimate_dl_operating_points` returns."""

    operating_points: Annotated[list[OperatingPoint], Items("One dictionary for each rule.")]
    n_ok: Annotated[int, Integer("Good images that were not trained on.")]
    n_nok: Annotated[int, Integer("Defective images.")]
    confidence: Annotated[float, Real("Level of guarantees and intervals.")]
    defect_rate: Annotated[float | None, Anything("Share of defective parts that the costs are for.")]


class ConversionReport(TypedDict, total=False):
    """What `optimize_dl_model_for_inference` found when it ran the samples through the model and the converted one."""

    precision: Annotated[str, Text("What was converted to.", choices=PRECISIONS)]
    device: Annotated[str, Text("Name of the device.")]
    runtime: Annotated[str, Text("Its kind.", choices=("cpu", "gpu"))]
    ai_accelerator_interface: Annotated[str, Text("What computes: 'none' is torch.")]
    n_samples: Annotated[int, Integer("How many samples were compared.", low=1)]
    max_score_difference: Annotated[float, Real("Largest difference between the scores of an image.", low=0.0)]
    max_score_difference_limit: Annotated[float, Real("What was allowed.", low=0.0)]
    max_pixel_difference: Annotated[float, Real("Largest difference between the scores of a pixel.", low=0.0)]
    max_pixel_difference_limit: Annotated[float, Real("What was allowed.", low=0.0)]
    worst_sample: Annotated[int, Integer("Index of the sample whose score differs most.", low=0)]
    anomaly_classification_threshold: Annotated[
        float | None, Anything("The model's threshold that decisions were compared with; None without one.")
    ]
    n_flipped: Annotated[
        int | None, Anything("Images that one calls 'ok' and the other 'nok'; None without threshold.")
    ]
    flipped_samples: Annotated[list[int], Items("Their indices.", kind=Integer(""))]
    batch_size: Annotated[int, Integer("Samples at once.", low=1)]
    native_ms: Annotated[float, Real("Milliseconds for an image before, median over the batches.", low=0.0)]
    converted_ms: Annotated[float, Real("The same after.", low=0.0)]
    times_faster: Annotated[float, Real("native_ms / converted_ms; measured in this call, on this machine.", low=0.0)]
    graph_bytes: Annotated[int, Integer("Size of the ONNX graph; 0 where torch computes.", low=0)]
    versions: Annotated[dict[str, str], Nested("Packages that took part.")]


class EvalParams(TypedDict, total=False):
    """How an evaluation was made; a display procedure takes it."""

    evaluation_type: Annotated[str, Text("Type of the model.")]
    class_ids: Annotated[list[int], Items("Numbers of the classes.")]
    num_classes: Annotated[int, Integer("How many classes.")]
    class_names: Annotated[list[str], Items("Names of the classes.")]
    evaluate_instances: Annotated[int, Integer("0: images, not instances, are evaluated.")]
    measures: Annotated[list[str], Items("What was measured.")]
    anomaly_classification_thresholds: Annotated[list[float], Items("Thresholds of the matrices, where given.")]
    anomaly_segmentation_threshold: Annotated[float, Real("Threshold of the pixels, where there is one.")]
    recalls: Annotated[list[float], Items("Recalls of 'fpr_at_recall', where measured.")]
    confidence: Annotated[float, Real("Level of the confidence intervals.")]
    n_trained_on: Annotated[int, Integer("Images that the model was trained on, where there are any.")]


# ------------------------------------------------------------------------------------------------ parameter
# dictionaries


class DLPreprocessParam(TypedDict, total=False):
    """How an image becomes a sample."""

    model_type: Annotated[str, Text("Type of the model.", choices=MODEL_TYPES)]
    image_width: Annotated[int, Integer("Width after preprocessing, pixels; the model's.", low=32)]
    image_height: Annotated[int, Integer("Height after preprocessing, pixels; the model's.", low=32)]
    image_num_channels: Annotated[int, Integer("1 or 3.", low=1, high=3)]
    image_range_min: Annotated[float, Real("Gray value that 0 becomes.")]
    image_range_max: Annotated[float, Real("Gray value that 255 becomes.")]
    normalization_type: Annotated[str, Text("How gray values are mapped.", choices=NORMALIZATION_TYPES)]
    domain_handling: Annotated[str, Text("What becomes of a sample's domain.", choices=DOMAIN_HANDLINGS)]
    mean_values_normalization: Annotated[
        list[float], Items("'constant_values': mean of each channel.", kind=Real(""), min_length=1)
    ]
    deviation_values_normalization: Annotated[
        list[float],
        Items("'constant_values': deviation of each channel.", kind=Real("", low=0.0, open_low=True), min_length=1),
    ]
    image_bits: Annotated[
        int,
        Integer(
            "Bits that the gray values of a uint16 image have; 2^bits - 1 counts as 255. dlproc's own.", low=8, high=16
        ),
    ]
    augmentation: Annotated[bool, Flag("Kept for HALCON's files; anomaly detection does not augment.")]
    check_params: Annotated[bool, Flag("False: the dictionary was checked before and is not checked again.")]


class ReadDatasetGenParam(TypedDict, total=False):
    """Options of `read_dl_dataset_anomaly`."""

    image_sub_dirs: Annotated[list[str], Items("Folders below image_dir; none: all.", kind=Text(""), default=())]
    anomaly_sub_dirs: Annotated[list[str], Items("Folders below anomaly_dir; none: all.", kind=Text(""), default=())]
    file_name_image_only: Annotated[str, Text("Taken off an image's base name before matching.", default="")]
    file_name_anomaly_only: Annotated[str, Text("Taken off an annotation's base name before matching.", default="")]
    ignore_unmatched_images: Annotated[bool, Flag("No effect: an image may always lack an annotation.", default=True)]
    good: Annotated[
        list[str],
        Items(
            "More folders whose images are good: names, or paths below image_dir; '.': itself.",
            kind=Text(""),
            default=(),
        ),
    ]
    defective: Annotated[list[str], Items("The same for defective images.", kind=Text(""), default=())]
    rules: Annotated[
        str,
        Text(
            "How names are read. 'dlproc': the nearest folder with a meaning, masks by their whole path. 'halcon': the "
            "parent folder alone, annotations by their base names.",
            choices=("dlproc", "halcon"),
            default="dlproc",
        ),
    ]


class ReadMvtecGenParam(TypedDict, total=False):
    """Options of `read_dl_dataset_mvtec`."""

    validation_percent: Annotated[
        float,
        Real(
            "Share of the training images that becomes validation, percent; no effect beside a folder 'validation'.",
            low=0.0,
            high=100.0,
            default=20.0,
        ),
    ]
    good: Annotated[
        list[str],
        Items("More folders whose images are good: names, or paths below the root.", kind=Text(""), default=()),
    ]
    defective: Annotated[list[str], Items("The same for defective images.", kind=Text(""), default=())]
    masks: Annotated[
        str, Text("Folder of the masks, below the root or anywhere; not given: those that are called so.", default="")
    ]


class SplitGenParam(TypedDict, total=False):
    """Options of `split_dl_dataset`."""

    overwrite_split: Annotated[bool, Flag("Replace a split that is there.", default=False)]
    model_type: Annotated[
        str, Text("Type of the model; '' or 'anomaly_detection'.", choices=("", *MODEL_TYPES), default="")
    ]


class GenSamplesGenParam(TypedDict, total=False):
    """Options of `gen_dl_samples`."""

    ignore_missing_labels: Annotated[
        bool | None, Flag("Accept samples without anomaly_label; not given: only with 'off'.", default=None)
    ]


class WriteSamplesGenParam(TypedDict, total=False):
    """Options of `write_dl_samples`."""

    raise_error_if_content_not_serializable: Annotated[
        bool, Flag("False: leave out what a file cannot hold.", default=True)
    ]


class PreprocessDatasetGenParam(TypedDict, total=False):
    """Options of `preprocess_dl_dataset`."""

    overwrite_files: Annotated[
        bool | str,
        Flag(
            "True: replace the folder. 'auto': keep every sample that is still right.", words=("auto",), default=False
        ),
    ]
    show_progress: Annotated[bool, Flag("A progress bar on the terminal.", default=True)]


class AnomalyTrainParam(TypedDict, total=False):
    """How `train_dl_model_anomaly_dataset` trains. HALCON's names; what each does here is dlproc's own choice."""

    max_num_epochs: Annotated[int, Integer("Most steps in which the bank grows.", low=1, default=30)]
    error_threshold: Annotated[
        float, Real("Stop when the uncovered share falls to this.", low=0.0, high=1.0, default=0.001)
    ]
    domain_ratio: Annotated[
        float,
        Real("The bank keeps 1000 * complexity * domain_ratio patches.", low=0.0, high=1.0, open_low=True, default=0.1),
    ]
    regularization_noise: Annotated[
        float, Real("Deviation of the noise that the features are expected to have.", low=0.0, default=0.0001)
    ]
    max_memory_mb: Annotated[
        float | None,
        Real(
            "Most memory (10^6 bytes) that training adds to the process; not given: what is of use. dlproc's own.",
            low=0.0,
            open_low=True,
            default=None,
        ),
    ]
    checkpoint_dir: Annotated[
        str | None,
        Text("Folder where a training that is interrupted keeps what it has done. dlproc's own key.", default=None),
    ]
    exclude_suspicious: Annotated[
        bool, Flag("Train without the images that look bad, not only report them. dlproc's own key.", default=False)
    ]


class DisplayParam(TypedDict, total=False):
    """What training shows."""

    enabled: Annotated[bool, Flag("A progress bar on the terminal.", default=True)]


class TrainParam(TypedDict, total=False):
    """What `create_dl_train_param` returns and `train_dl_model` takes."""

    anomaly_param: Annotated[AnomalyTrainParam, Nested("How to train.", "AnomalyTrainParam", default=None)]
    display_param: Annotated[DisplayParam, Nested("What to show.", "DisplayParam", default=None)]


class ExtendGenParam(TypedDict, total=False):
    """Options of `extend_dl_model`."""

    keep_thresholds: Annotated[
        bool, Flag("Leave the thresholds in the model, without what was promised of them.", default=False)
    ]


class ChangeParam(TypedDict, total=False):
    """Name 'change' of `create_dl_train_param`: a model parameter that changes while training goes on."""

    model_param: Annotated[str, Text("Which one.", choices=("learning_rate",), default="learning_rate")]
    epochs: Annotated[list[int], Items("After these epochs; ascending.", kind=Integer("", low=1), default=())]
    values: Annotated[list[float], Items("Its values from then on.", kind=Real("", low=0.0, open_low=True), default=())]
    initial_value: Annotated[
        float | None, Real("At the beginning; not given: the model's.", low=0.0, open_low=True, default=None)
    ]


class SerializeParam(TypedDict, total=False):
    """Name 'serialize' of `create_dl_train_param`: when the model is written while training goes on."""

    type: Annotated[
        str,
        Text(
            "'best': least loss of an evaluation. 'current': each evaluation. 'epochs': after those. 'final': the end.",
            choices=("best", "current", "epochs", "final"),
            default="best",
        ),
    ]
    basename: Annotated[
        str, Text("File without extension: <basename>.hdl ('epochs': _<epoch>.hdl) and <basename>_info.hdict.")
    ]
    epochs: Annotated[list[int], Items("'epochs': after which.", kind=Integer("", low=1), default=())]


class TrainDisplayParam(DisplayParam, total=False):
    """Name 'display' of `create_dl_train_param`. HALCON draws pictures; here all but 'enabled' have no effect."""

    change_plot_interval_seconds: Annotated[float, Real("No effect here.", default=0.0)]
    num_images: Annotated[int, Integer("No effect here.", default=0)]
    selected_percentage_train_samples: Annotated[float, Real("No effect here.", default=0.0)]
    update_images_interval_epochs: Annotated[float, Real("No effect here.", default=0.0)]
    x_axis_label: Annotated[str, Text("No effect here.", default="epochs")]
    status_model_params: Annotated[list[str], Items("No effect here.", default=())]
    tiled_param: Annotated[dict[str, Any], Nested("No effect here.", default=None)]
    randomize_images: Annotated[bool, Flag("No effect here.", default=True)]


class BatchTrainParam(TypedDict, total=False):
    """What `create_dl_train_param` returns for 'gc_anomaly_detection', which trains by batches."""

    num_epochs: Annotated[int, Integer("Last epoch; each is 16 steps of 32 images.", low=1, default=75)]
    evaluation_interval_epochs: Annotated[int, Integer("Epochs between two evaluations.", low=1, default=10)]
    evaluation_param: Annotated[
        EvaluateGenParam, Nested("More to evaluate, on 'validation'; none: the loss.", "EvaluateGenParam", default=None)
    ]
    change_strategies: Annotated[
        list[ChangeParam], Items("What changes on the way.", kind=Nested("", "ChangeParam"), default=())
    ]
    serialization_strategies: Annotated[
        list[SerializeParam], Items("When to write the model.", kind=Nested("", "SerializeParam"), default=())
    ]
    seed_rand: Annotated[int | None, Integer("Seed; not given: that of `set_system`.", low=0, default=None)]
    display_param: Annotated[TrainDisplayParam, Nested("What to show.", "TrainDisplayParam", default=None)]
    update_interval_seconds: Annotated[float, Real("Least time between two updates of what is shown.", default=2.0)]
    num_samples_mean_loss: Annotated[int, Integer("Images in a TrainInfo's mean loss.", low=1, default=1000)]
    evaluate_before_train: Annotated[bool, Flag("Evaluate before the first epoch, too.", default=False)]


class NormalizeGenParam(TypedDict, total=False):
    """Options of `normalize_dl_gc_anomaly_features` and `normalize_dl_gc_anomaly_scores`."""

    show_progress: Annotated[bool, Flag("A progress bar on the terminal.", default=True)]


class EvaluateGenParam(TypedDict, total=False):
    """Options of `evaluate_dl_model`."""

    measures: Annotated[
        list[str],
        Items(
            "What to measure.", kind=Text("", choices=(*ANOMALY_MEASURES, "all")), default=("anomaly_score_histogram",)
        ),
    ]
    anomaly_classification_thresholds: Annotated[
        list[float], Items("Thresholds of the matrices, precision and recall.", kind=Real("", low=0.0), default=())
    ]
    anomaly_segmentation_threshold: Annotated[
        float | None, Real("Threshold of the pixels; not given: the model's own.", low=0.0, high=1.0, default=None)
    ]
    recalls: Annotated[
        list[float],
        Items(
            "Recalls for 'fpr_at_recall'.",
            kind=Real("", low=0.0, high=1.0, open_low=True),
            default=(0.9, 0.95, 0.99, 1.0),
        ),
    ]
    confidence: Annotated[float, Real("Level of the confidence intervals.", low=0.5, high=0.9999, default=0.95)]
    evaluation_type: Annotated[str, Text("Type of the model.", choices=MODEL_TYPES, default="anomaly_detection")]
    class_ids: Annotated[list[int], Items("The classes; [0, 1].", kind=Integer("", low=0, high=1), default=(0, 1))]
    num_classes: Annotated[int, Integer("How many classes; 2.", low=2, high=2, default=2)]
    evaluate_instances: Annotated[bool, Flag("Only False: images are evaluated.", default=False)]
    show_progress: Annotated[bool, Flag("A progress bar on the terminal.", default=False)]


class ThresholdsGenParam(TypedDict, total=False):
    """Options of `compute_dl_anomaly_thresholds`."""

    use_ok_samples_only: Annotated[bool, Flag("Take the classification threshold from ok images alone.", default=False)]
    enable_display: Annotated[bool, Flag("A progress bar on the terminal.", default=False)]
    method: Annotated[
        str, Text("The rule of the classification threshold.", choices=THRESHOLD_METHODS, default="halcon")
    ]
    target_fpr: Annotated[
        float | None,
        Real("'target_fpr', 'conformal': share of good images that may be rejected.", 0.0, 1.0, True, default=None),
    ]
    confidence: Annotated[
        float, Real("'conformal': probability that the guarantee holds.", low=0.5, high=0.9999, default=0.95)
    ]
    miss_cost: Annotated[
        float | None, Real("'min_cost': cost of a defective image that is accepted.", 0.0, None, True, default=None)
    ]
    false_alarm_cost: Annotated[
        float | None, Real("'min_cost': cost of a good image that is rejected.", 0.0, None, True, default=None)
    ]
    defect_rate: Annotated[
        float | None,
        Real(
            "'min_cost': share of defective parts in production; not given: as in the images.", 0.0, 1.0, default=None
        ),
    ]


class OperatingPointsGenParam(TypedDict, total=False):
    """Options of `estimate_dl_operating_points`."""

    target_fprs: Annotated[
        list[float],
        Items(
            "Shares of good images that may be rejected, one row each.",
            kind=Real("", 0.0, 1.0, True),
            default=(0.01, 0.05),
        ),
    ]
    confidence: Annotated[
        float,
        Real("Probability that a guarantee holds, and level of the intervals.", low=0.5, high=0.9999, default=0.95),
    ]
    miss_cost: Annotated[float, Real("Cost of a defective image that is accepted.", 0.0, None, True, default=10.0)]
    false_alarm_cost: Annotated[float, Real("Cost of a good image that is rejected.", 0.0, None, True, default=1.0)]
    defect_rate: Annotated[
        float | None,
        Real("Share of defective parts in production; not given: as in the images.", 0.0, 1.0, default=None),
    ]
    enable_display: Annotated[bool, Flag("A progress bar on the terminal.", default=False)]


class RegionsGenParam(TypedDict, total=False):
    """Options of `get_dl_anomaly_regions`."""

    anomaly_segmentation_threshold: Annotated[
        float | None, Real("Smallest score of a pixel; not given: the result's own.", low=0.0, high=1.0, default=None)
    ]
    hysteresis_threshold: Annotated[
        float | None,
        Real("Smallest score that a region grows over; not given: it does not grow.", 0.0, 1.0, default=None),
    ]
    min_area: Annotated[int, Integer("Pixels that a region has at least.", low=1, default=1)]
    border: Annotated[
        str, Text("What becomes of regions that touch the frame.", choices=("keep", "remove"), default="keep")
    ]
    border_width: Annotated[
        int, Integer("Pixels at each side of the image, or of its domain's box, that never count.", low=0, default=0)
    ]
    ignore_region: Annotated[
        NDArray[np.bool_] | None, Array("Pixels that never count, (H, W).", dtypes=("bool",), default=None)
    ]
    original_size: Annotated[
        list[int] | None,
        Items("Width and height of the original image: adds 'original'.", kind=Integer("", low=1), default=None),
    ]
    original_box: Annotated[
        list[int] | None,
        Items(
            "row1, column1, row2, column2 of the part of it that became the sample; not given: all of it.",
            kind=Integer("", low=0),
            default=None,
        ),
    ]


class OptimizeGenParam(TypedDict, total=False):
    """Options of `optimize_dl_model_for_inference`. HALCON's own conversion options do not apply and are errors."""

    max_score_difference: Annotated[
        float | None,
        Real("Most that an image score may change; not given: 1e-5, float16 0.02, int8 0.05.", 0.0, default=None),
    ]
    max_pixel_difference: Annotated[
        float | None,
        Real("Most that a pixel's score may change; not given: 2e-5, float16 0.05, int8 0.15.", 0.0, default=None),
    ]


class DecisionConditionParam(TypedDict, total=False):
    """One condition of a decision rule: a value, one or more comparisons that must all hold, and options."""

    value: Annotated[str, Text("What is looked at.", choices=DECISION_VALUES)]
    at_least: Annotated[float, Real(">= this number.")]
    more_than: Annotated[float, Real("> this number.")]
    at_most: Annotated[float, Real("<= this number.")]
    less_than: Annotated[float, Real("< this number.")]
    equals: Annotated[str, Text("'anomaly_class': is this class.", choices=("ok", "nok"))]
    touches: Annotated[
        list[int], Items("'position': a region has a pixel in row1, column1, row2, column2.", kind=Integer("", low=0))
    ]
    centre_in: Annotated[
        list[int], Items("'position': a region's centre of gravity lies in that box.", kind=Integer("", low=0))
    ]
    type: Annotated[str, Text("'covered_area': of this type of anomaly alone.")]
    min_area: Annotated[int, Integer("Pixels that a region has at least; else it is no region.", low=1)]
    hysteresis_threshold: Annotated[float, Real("Regions grow down to this score.", low=0.0, high=1.0)]
    border: Annotated[str, Text("As in RegionsGenParam.", choices=("keep", "remove"))]
    border_width: Annotated[int, Integer("As in RegionsGenParam.", low=0)]


class DecisionGroupParam(TypedDict, total=False):
    """Conditions that are combined; one of both keys."""

    all: Annotated[list[dict[str, Any]], Items("Conditions or groups; every one must hold.", min_length=1)]
    any: Annotated[list[dict[str, Any]], Items("Conditions or groups; one must hold.", min_length=1)]


class DecisionRuleParam(DecisionGroupParam, total=False):
    """One rule: when its conditions hold, its decision is proposed; the most severe proposal wins."""

    name: Annotated[str, Text("A name that no other rule has; reasons give it.")]
    decision: Annotated[str, Text("What it proposes.", choices=DECISIONS[1:])]


class ConfusionGenParam(TypedDict, total=False):
    """Options of `gen_confusion_matrix`."""

    display_matrix: Annotated[
        str, Text("What is written in the window.", choices=("absolute", "relative", "none"), default="absolute")
    ]
    return_matrix: Annotated[
        str, Text("What is returned: counts, or shares.", choices=("absolute", "relative"), default="absolute")
    ]
    display_color: Annotated[Any, Anything("No effect here.", default=None)]
    display_column_width: Annotated[Any, Anything("No effect here.", default=None)]
    class_to_use: Annotated[Any, Anything("No effect here.", default=None)]


class ReportGenParam(TypedDict, total=False):
    """Options of `write_dl_report`."""

    title: Annotated[str, Text("Title of the page.", default="Inspection report")]
    max_images: Annotated[
        int, Integer("Most images that are shown: errors, then those nearest to the threshold.", low=0, default=200)
    ]
    image_size: Annotated[int, Integer("Longer side of a picture, pixels.", low=16, high=4096, default=256)]
    show_progress: Annotated[bool, Flag("A progress bar on the terminal.", default=False)]


class DisplayDataGenParam(TypedDict, total=False):
    """Options of `dev_display_dl_data`. Those of HALCON's other model types are understood and change nothing here."""

    scale_windows: Annotated[
        float, Real("Size of the pictures; 0.8: 3.4 inches wide.", low=0.0, high=10.0, open_low=True, default=0.8)
    ]
    font: Annotated[str, Text("Family of the letters. HALCON's default: 'mono'.", choices=FONTS, default="sans")]
    font_size: Annotated[float, Real("Points. HALCON's default: 14.", low=1.0, high=100.0, default=11.0)]
    line_width: Annotated[float, Real("Width of outlines, points.", low=0.0, open_low=True, default=2.0)]
    map_transparency: Annotated[
        str, Opacity("Opacity of the scores over the image. HALCON's 'cc' mixes both brightnesses.", default="ff")
    ]
    map_color_bar_width: Annotated[
        float, Real("Width of the colour bar with its numbers, 1/100 inch. HALCON's default: 140.", 0.0, default=60.0)
    ]
    anomaly_region_threshold: Annotated[
        float, Real("Segmentation threshold of the drawing; -1: the result's.", default=-1.0)
    ]
    anomaly_classification_threshold: Annotated[
        float, Real("Classification threshold of the drawing; -1: the result's.", default=-1.0)
    ]
    anomaly_region_label_color: Annotated[
        str, Color("The annotation's outline and fill. HALCON's default: '#40e0d0'.", default="#0072b2")
    ]
    anomaly_region_result_color: Annotated[
        str, Color("The region's outline and fill. HALCON's default: '#ff0000c0'.", default="#d55e00")
    ]
    anomaly_color_transparency: Annotated[str, Opacity("Opacity of the fill.", default="40")]
    heatmap_color_scheme: Annotated[
        str,
        Text("Colours of the scores. HALCON's default, 'jet', misleads.", choices=COLOR_SCHEMES, default="viridis"),
    ]
    display_ground_truth_anomaly_regions: Annotated[bool, Flag("Draw the annotation.", default=True)]
    display_labels: Annotated[bool, Flag("Write the names of the classes.", default=True)]
    display_classification_ids: Annotated[bool, Flag("Write the class numbers.", default=True)]
    display_classification_color_frame: Annotated[
        bool, Flag("Frame a picture in the colour of its class: ok thin, nok thick.", default=True)
    ]
    display_bottom_desc: Annotated[bool, Flag("Write a line below each picture.", default=True)]
    display_legend: Annotated[bool, Flag("Draw the colour bar, and what the outlines are.", default=True)]
    show: Annotated[bool, Flag("Open a window. dlproc's own key.", default=False)]
    threshold_width: Annotated[float, Real("No effect here.", default=1024.0)]
    segmentation_max_weight: Annotated[float, Real("No effect here: other model types.", default=0.0)]
    segmentation_draw: Annotated[str, Text("No effect here: other model types.", default="fill")]
    segmentation_transparency: Annotated[str, Opacity("No effect here: other model types.", default="aa")]
    segmentation_exclude_class_ids: Annotated[list[int], Items("No effect here: other model types.", default=())]
    bbox_label_color: Annotated[str, Color("No effect here: other model types.", default="#00000099")]
    bbox_display_confidence: Annotated[bool, Flag("No effect here: other model types.", default=True)]
    bbox_text_color: Annotated[str, Color("No effect here: other model types.", default="#eeeeee")]
    display_direction: Annotated[bool, Flag("No effect here: other model types.", default=True)]


class DisplayEvaluationGenParam(TypedDict, total=False):
    """Options of `dev_display_anomaly_detection_evaluation`."""

    display_mode: Annotated[
        list[str],
        Items(
            "What to draw.",
            kind=Text("", choices=(*EVALUATION_DISPLAY_MODES, "all")),
            default=("score_histogram", "score_legend"),
            min_length=1,
        ),
    ]
    estimated_thresholds: Annotated[
        list[float],
        Items("Up to three thresholds for the histogram; none: the evaluation's.", kind=Real(""), default=()),
    ]
    classification_threshold_index: Annotated[
        int | None, Integer("Which threshold of the evaluation, from 0; not given: the last.", low=0, default=None)
    ]
    histogram_min: Annotated[float, Real("Smallest score of the histogram.", default=0.0)]
    histogram_max: Annotated[float, Real("Largest score; -1: 1, so that figures can be compared.", default=-1.0)]
    row_col_names_color: Annotated[
        str, Color("Names at the matrices. HALCON's default, on black: 'light gray'.", default="#000000")
    ]
    display_column_width: Annotated[
        str, Text("Columns of the matrices.", choices=("equal", "minimal"), default="equal")
    ]
    display_matrix_color: Annotated[bool, Flag("Shade the cells by their share of the column.", default=True)]
    font: Annotated[str, Text("Family of the letters. HALCON's default: 'mono'.", choices=FONTS, default="sans")]
    font_size: Annotated[float, Real("Points. HALCON's default: 14.", low=1.0, high=100.0, default=10.0)]
    show: Annotated[bool, Flag("Open a window. dlproc's own key.", default=False)]


class DisplayTiledGenParam(TypedDict, total=False):
    """Options of `dev_display_dl_data_tiled`. A pixel is 1/100 inch."""

    background_color: Annotated[str, Color("Behind the tiles.", default="#ffffff")]
    spacing_row: Annotated[float, Real("Additional pixels between rows.", low=0.0, default=0.0)]
    spacing_col: Annotated[float, Real("Additional pixels between columns.", low=0.0, default=0.0)]
    window_width: Annotated[
        float, Real("Pixels; the figure is wider where tiles would get too small to read.", low=1.0, default=640.0)
    ]
    window_height: Annotated[float, Real("Pixels; the figure is as high as the tiles need.", low=1.0, default=480.0)]
    window_row: Annotated[float, Real("No effect: the desktop places windows.", default=0.0)]
    window_col: Annotated[float, Real("No effect: the desktop places windows.", default=0.0)]
    display_input: Annotated[bool, Flag("Draw the image; False: the scores in its place.", default=True)]
    display_ground_truth: Annotated[bool, Flag("Outline the annotation.", default=True)]
    display_result: Annotated[
        bool | None, Flag("Region, score and decision; not given: where the model is trained.", default=None)
    ]
    order: Annotated[
        str,
        Text(
            "Which samples, and how sorted: drawn, highest scores first, or first ids. dlproc's own key.",
            choices=("random", "score", "image_id"),
            default="random",
        ),
    ]
    anomaly_region_label_color: Annotated[str, Color("The annotation's outline. dlproc's own key.", default="#0072b2")]
    anomaly_region_result_color: Annotated[str, Color("The region's outline. dlproc's own key.", default="#d55e00")]
    line_width: Annotated[
        float, Real("Width of outlines, points. dlproc's own key.", low=0.0, open_low=True, default=1.2)
    ]
    font: Annotated[str, Text("Family of the letters. dlproc's own key.", choices=FONTS, default="sans")]
    font_size: Annotated[float, Real("Points. dlproc's own key.", low=1.0, high=100.0, default=8.0)]
    show: Annotated[bool, Flag("Open a window. dlproc's own key.", default=False)]


class AnomalyModelParam(TypedDict, total=False):
    """Parameters of a model of type 'anomaly_detection'; see `get_dl_model_param` and `set_dl_model_param`."""

    type: Annotated[str, Text("Type of the model.", choices=MODEL_TYPES, default="anomaly_detection")]
    image_width: Annotated[
        int, Integer("Width of a sample, pixels; without tiles a multiple of 32.", low=32, default=480)
    ]
    image_height: Annotated[
        int, Integer("Height of a sample, pixels; without tiles a multiple of 32.", low=32, default=480)
    ]
    image_num_channels: Annotated[int, Integer("1 or 3.", low=1, high=3, default=3)]
    image_range_min: Annotated[float, Real("Smallest gray value of a sample.", default=-2.0)]
    image_range_max: Annotated[float, Real("Largest gray value of a sample.", default=2.0)]
    normalization_type: Annotated[
        str, Text("How samples are normalised. dlproc's own.", choices=NORMALIZATION_TYPES, default="constant_values")
    ]
    mean_values_normalization: Annotated[
        list[float], Items("Mean of each channel. dlproc's own.", kind=Real(""), default=(123.675, 116.28, 103.53))
    ]
    deviation_values_normalization: Annotated[
        list[float],
        Items(
            "Deviation of each channel. dlproc's own.",
            kind=Real("", low=0.0, open_low=True),
            default=(58.395, 57.12, 57.375),
        ),
    ]
    image_bits: Annotated[
        int, Integer("Bits that the gray values of a uint16 image have. dlproc's own.", low=8, high=16, default=16)
    ]
    tile_size: Annotated[
        int,
        Integer(
            "Side of the tiles that the network sees, pixels; 0: it sees the whole image. dlproc's own.",
            low=0,
            multiple_of=32,
            default=0,
        ),
    ]
    tile_overlap: Annotated[
        int, Integer("Pixels that neighbouring tiles share. dlproc's own.", low=0, multiple_of=32, default=128)
    ]
    complexity: Annotated[int, Integer("The bank keeps 1000 * complexity * domain_ratio patches.", low=1, default=15)]
    standard_deviation_factor: Annotated[
        float, Real("Weight of the spread in the image score; larger suits small defects.", low=0.0, default=3.0)
    ]
    batch_size: Annotated[int, Integer("Samples that go through the network together.", low=1, default=1)]
    decision_rules: Annotated[
        list[DecisionRuleParam],
        Items(
            "Rules of `apply_dl_decision_rules` that travel with the model.",
            kind=Nested("", "DecisionRuleParam"),
            default=(),
        ),
    ]
    device: Annotated[Any, Anything("A device of `query_available_dl_devices`.")]
    runtime: Annotated[str, Text("Kind of device.", choices=("cpu", "gpu"), default="cpu")]
    meta_data: Annotated[
        dict[str, str], Nested("Strings that travel with the model, such as thresholds.", default=None)
    ]
    class_names: Annotated[list[str], Items("Names of the classes.", kind=Text(""), default=tuple(CLASS_NAMES))]
    class_ids: Annotated[list[int], Items("Numbers of the classes.", kind=Integer(""), default=tuple(CLASS_IDS))]


class GcAnomalyModelParam(AnomalyModelParam, total=False):
    """Parameters of a model of type 'gc_anomaly_detection'; others have defaults of their own, `GC_DEFAULTS`."""

    gc_anomaly_networks: Annotated[
        list[str],
        Items("Whose answers are combined.", kind=Text("", choices=GC_NETWORKS), min_length=1, default=GC_NETWORKS),
    ]
    patch_size: Annotated[int, Integer("Pixels of a patch of the local network.", 8, 64, multiple_of=8, default=16)]
    anomaly_score_tolerance: Annotated[
        float, Real("Share of each map, its largest distances, that the image score leaves out.", 0.0, 0.5, default=0.0)
    ]
    learning_rate: Annotated[float, Real("Length of a step.", low=0.0, open_low=True, default=0.002)]


# What a type has in place of the defaults of `AnomalyModelParam`.
GC_DEFAULTS: dict[str, Any] = {
    "type": "gc_anomaly_detection",
    "image_width": 256,
    "image_height": 256,
    "image_range_min": -127.0,
    "image_range_max": 128.0,
    "normalization_type": "none",
}
