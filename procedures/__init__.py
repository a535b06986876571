"""The procedures, by HALCON chapter. Each stands in a file of its own and can be read, or copied, on its own.

Deep Learning / Dataset: `read_dl_dataset_anomaly`, `read_dl_dataset_mvtec` (dlproc's own), `split_dl_dataset`,
`find_dl_samples`, `gen_dl_samples`, `gen_dl_samples_from_images`, `read_dl_samples`, `write_dl_samples`.

Deep Learning / Preprocessing: `create_dl_preprocess_param`, `create_dl_preprocess_param_from_model`,
`check_dl_preprocess_param`, `replace_legacy_preprocessing_parameters`, `preprocess_dl_samples`,
`preprocess_dl_dataset`, `preprocess_dl_model_images`, `preprocess_dl_model_anomaly`.

Deep Learning / Training: `create_dl_train_param`, `train_dl_model`, `normalize_dl_gc_anomaly_features`,
`normalize_dl_gc_anomaly_scores`, `set_dl_model_param_max_gpu_batch_size`.

Deep Learning / Evaluation: `evaluate_dl_model`, `compute_dl_anomaly_thresholds`, `threshold_dl_anomaly_results`,
`create_evaluation_default_param`, `get_dl_evaluation_optimization_method`, `gen_confusion_matrix`,
`estimate_dl_operating_points`, `write_dl_report` (both dlproc's own).

Deep Learning / Regions and decisions (dlproc's own): `get_dl_anomaly_regions`, `apply_dl_decision_rules`.

Graphics: `dev_display_dl_data`, `dev_display_dl_data_tiled`, `dev_display_anomaly_detection_evaluation`,
`dev_close_window_dict`, `get_dl_class_colors`, `add_colormap_to_image`.
"""

from dlproc.procedures.add_colormap_to_image import add_colormap_to_image as add_colormap_to_image
from dlproc.procedures.apply_dl_decision_rules import apply_dl_decision_rules as apply_dl_decision_rules
from dlproc.procedures.check_dl_preprocess_param import check_dl_preprocess_param as check_dl_preprocess_param
from dlproc.procedures.compute_dl_anomaly_thresholds import (
    compute_dl_anomaly_thresholds as compute_dl_anomaly_thresholds,
)
from dlproc.procedures.create_dl_preprocess_param import create_dl_preprocess_param as create_dl_preprocess_param
from dlproc.procedures.create_dl_preprocess_param_from_model import (
    create_dl_preprocess_param_from_model as create_dl_preprocess_param_from_model,
)
from dlproc.procedures.create_dl_train_param import create_dl_train_param as create_dl_train_param
from dlproc.procedures.create_evaluation_default_param import (
    create_evaluation_default_param as create_evaluation_default_param,
)
from dlproc.procedures.dev_close_window_dict import dev_close_window_dict as dev_close_window_dict
from dlproc.procedures.dev_display_anomaly_detection_evaluation import (
    dev_display_anomaly_detection_evaluation as dev_display_anomaly_detection_evaluation,
)
from dlproc.procedures.dev_display_dl_data import dev_display_dl_data as dev_display_dl_data
from dlproc.procedures.dev_display_dl_data_tiled import dev_display_dl_data_tiled as dev_display_dl_data_tiled
from dlproc.procedures.estimate_dl_operating_points import estimate_dl_operating_points as estimate_dl_operating_points
from dlproc.procedures.evaluate_dl_model import evaluate_dl_model as evaluate_dl_model
from dlproc.procedures.find_dl_samples import find_dl_samples as find_dl_samples
from dlproc.procedures.gen_confusion_matrix import gen_confusion_matrix as gen_confusion_matrix
from dlproc.procedures.gen_dl_samples import gen_dl_samples as gen_dl_samples
from dlproc.procedures.gen_dl_samples_from_images import gen_dl_samples_from_images as gen_dl_samples_from_images
from dlproc.procedures.get_dl_anomaly_regions import get_dl_anomaly_regions as get_dl_anomaly_regions
from dlproc.procedures.get_dl_class_colors import get_dl_class_colors as get_dl_class_colors
from dlproc.procedures.get_dl_evaluation_optimization_method import (
    get_dl_evaluation_optimization_method as get_dl_evaluation_optimization_method,
)
from dlproc.procedures.normalize_dl_gc_anomaly_features import (
    normalize_dl_gc_anomaly_features as normalize_dl_gc_anomaly_features,
)
from dlproc.procedures.normalize_dl_gc_anomaly_scores import (
    normalize_dl_gc_anomaly_scores as normalize_dl_gc_anomaly_scores,
)
from dlproc.procedures.preprocess_dl_dataset import preprocess_dl_dataset as preprocess_dl_dataset
from dlproc.procedures.preprocess_dl_model_anomaly import preprocess_dl_model_anomaly as preprocess_dl_model_anomaly
from dlproc.procedures.preprocess_dl_model_images import preprocess_dl_model_images as preprocess_dl_model_images
from dlproc.procedures.preprocess_dl_samples import preprocess_dl_samples as preprocess_dl_samples
from dlproc.procedures.read_dl_dataset_anomaly import read_dl_dataset_anomaly as read_dl_dataset_anomaly
from dlproc.procedures.read_dl_dataset_mvtec import read_dl_dataset_mvtec as read_dl_dataset_mvtec
from dlproc.procedures.read_dl_samples import read_dl_samples as read_dl_samples
from dlproc.procedures.replace_legacy_preprocessing_parameters import (
    replace_legacy_preprocessing_parameters as replace_legacy_preprocessing_parameters,
)
from dlproc.procedures.set_dl_model_param_max_gpu_batch_size import (
    set_dl_model_param_max_gpu_batch_size as set_dl_model_param_max_gpu_batch_size,
)
from dlproc.procedures.split_dl_dataset import split_dl_dataset as split_dl_dataset
from dlproc.procedures.threshold_dl_anomaly_results import threshold_dl_anomaly_results as threshold_dl_anomaly_results
from dlproc.procedures.train_dl_model import train_dl_model as train_dl_model
from dlproc.procedures.write_dl_report import write_dl_report as write_dl_report
from dlproc.procedures.write_dl_samples import write_dl_samples as write_dl_samples
