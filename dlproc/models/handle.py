"""The handle of a model: its parameters, what it learnt, and the network it runs on."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

from torch import nn

from dlproc.errors import DLModelError, DLParamError
from dlproc.features.backbone import Backbone, read_backbone
from dlproc.features.tiled import TiledBackbone
from dlproc.images.tiles import STEP
from dlproc.models.anomaly.global_context import Learner
from dlproc.models.devices import DLDevice, first_device
from dlproc.models.registry import METHODS, TYPES, Method, Reference
from dlproc.models.runtimes.conversion import Conversion
from dlproc.models.runtimes.graph import HalfBackbone
from dlproc.schema import threshold_origin
from dlproc.schema.check import check_known, convert, kinds_of
from dlproc.schema.decision_rules import valid_decision_rules
from dlproc.schema.keys import GC_NETWORKS
from dlproc.schema.kinds import Integer, describe, scalar

SHAPING = frozenset(
    {
        "image_width",
        "image_height",
        "image_num_channels",
        "image_range_min",
        "image_range_max",
        "normalization_type",
        "mean_values_normalization",
        "deviation_values_normalization",
        "image_bits",
        "complexity",
        "tile_size",
        "tile_overlap",
        "patch_size",
    }
)
READ_ONLY = ("type", "precision", "precision_is_converted", "num_trainable_params", "summary")
COMBINED = {
    "image_dimensions": ("image_width", "image_height", "image_num_channels"),
    "image_size": ("image_width", "image_height"),
}
# What may be set of a converted model: what HALCON allows, the size of a batch, and the rules.
SETTABLE_CONVERTED = ("device", "runtime", "meta_data", "standard_deviation_factor", "batch_size", "decision_rules")
# Parameters of HALCON's other model types, and of training by gradient. Named, so that the error can say why.
NOT_HERE = frozenset(
    {"learning_rate", "momentum", "weight_prior", "solver_type", "adam_beta1", "adam_beta2", "adam_epsilon"}
    | {"batchnorm_momentum", "batch_size_multiplier", "gpu", "optimize_for_inference", "runtime_init"}
)


class DLModel:
    """A model as `read_dl_model` returns it. Read and set its parameters with the operators, not here.

    Attributes
    ----------
    parameters : dict
        Every parameter of `AnomalyModelParam` with its value.
    method_name, backbone_name : str
        The method, a key of `dlproc.models.registry.METHODS`, and the pretrained network, a key of
        `dlproc.features.backbone.VARIANTS`.
    reference : Reference or None
        What training learnt; None before, and of a converted model whose graph holds it.
    conversion : Conversion or None
        What `optimize_dl_model_for_inference` made of it; None of a model as it was trained.
    learner : Learner or None
        State of a training by batches, from which it can go on; None before, and for types that train in one go.
    training : dict
        How it was trained: options, seed, number of images, versions. Empty before.
    """

    def __init__(self, method_name: str, backbone_name: str, model_type: str = "anomaly_detection") -> None:
        self.method_name = method_name
        self.backbone_name = backbone_name
        kinds = kinds_of(TYPES[model_type].parameters)
        self.parameters: dict[str, Any] = {
            name: list(kind.default) if isinstance(kind.default, tuple) else kind.default
            for name, kind in kinds.items()
            if name != "device"
        }
        self.parameters |= {**TYPES[model_type].defaults, "meta_data": {}}
        self.reference: Reference | None = None
        self.conversion: Conversion | None = None
        self.learner: Learner | None = None
        self.training: dict[str, Any] = {}
        self.device: DLDevice = first_device("cpu")
        self.is_cleared = False
        self._backbone: nn.Module | None = None

    def __repr__(self) -> str:
        width, height = self.parameters["image_width"], self.parameters["image_height"]
        state = "cleared" if self.is_cleared else "trained" if self.is_trained else "not trained"
        if self.conversion is not None and not self.is_cleared:
            state = f"{self.conversion.precision} for {self.conversion.target()}"
        return f"<DLModel {self.parameters['type']}, {self.backbone_name}, {width} x {height}, {state}>"

    @property
    def is_trained(self) -> bool:
        """Whether it can be applied."""
        return self.reference is not None or self.conversion is not None

    @property
    def precision(self) -> str:
        """What its network computes in: 'float32', 'float16' or 'int8'."""
        return "float32" if self.conversion is None else self.conversion.precision

    @property
    def method(self) -> Method:
        """The module that trains it."""
        return METHODS[self.method_name]

    @property
    def backbone(self) -> Backbone:
        """The pretrained network on the model's device, in its precision, read when it is first needed; with tiles
        around it.
        """
        if self._backbone is None:
            backbone = read_backbone(self.backbone_name, self.method.LAST_STAGE).to(self.device.torch_device)
            self._backbone = HalfBackbone(backbone) if self.precision == "float16" else backbone
        own = cast(Backbone, self._backbone)  # HalfBackbone and TiledBackbone are called in the same way
        tile, overlap = (self.parameters.get(name, 0) for name in ("tile_size", "tile_overlap"))  # not of all types
        return cast(Backbone, TiledBackbone(own, tile, overlap)) if tile else own

    def move_to(self, device: DLDevice) -> None:
        """Run on another device from now on; where it does not fit there, nothing is changed."""
        target = device.torch_device
        reference = None if self.reference is None else self.reference.to(target)
        learner = self.learner
        if learner is not None:
            shared = getattr(self.reference, "local", None) is learner.local  # the same stays the same: one in a file
            learner = learner.to(target, getattr(reference, "local", None) if shared else None)
        self.device, self.reference, self.learner = device, reference, learner
        self.parameters["runtime"] = device.runtime
        self._backbone = None
        if self.conversion is not None:
            self.conversion.forget_session()

    def clear(self) -> None:
        """Let go of everything that takes memory; the handle cannot be used any more."""
        self.reference, self.learner, self.conversion, self._backbone = None, None, None, None
        self.is_cleared = True


def check_model(model: object, must_be_trained: bool = False, must_be_original: bool = False) -> DLModel:
    """The handle, also from a list of one, or an error: no model, cleared, untrained (halcon_code 7881), converted."""
    model = scalar(model)
    if not isinstance(model, DLModel):
        raise DLParamError("dl_model_handle", "a model of read_dl_model", describe(model), halcon_code=2404)
    if model.is_cleared:
        raise DLModelError("dl_model_handle", "a model", "one that was cleared", halcon_code=2404)
    if must_be_trained and not model.is_trained:
        hint = "run train_dl_model, or read_dl_model of a trained file"
        raise DLModelError("dl_model_handle", "a trained model", "one that is not trained", hint, halcon_code=7881)
    if must_be_original and model.conversion is not None:
        got = f"one that was converted to {model.conversion.precision} for {model.conversion.target()}"
        hint = "take the model that it was made from"
        raise DLModelError("dl_model_handle", "a model as it was trained", got, hint, halcon_code=7883)
    return model


def check_type(model: object, model_type: str, instead: str) -> DLModel:
    """The handle, or an error: no model, or one of another type, which is trained with `instead`."""
    handle = check_model(model)
    if handle.parameters["type"] != model_type:
        got, hint = f"one of type '{handle.parameters['type']}'", f"that is trained with {instead}"
        raise DLModelError("dl_model_handle", f"a model of type '{model_type}'", got, hint, halcon_code=7788)
    return handle


def forget_thresholds(model: DLModel) -> None:
    """Take thresholds, and what was promised of them, out of the meta data; everything else in it stays."""
    threshold_origin.forget_thresholds(model.parameters["meta_data"])


def score_facts(model: DLModel) -> dict[str, str]:
    """All that the model's scores depend on, as `dlproc.schema.threshold_origin` compares it."""
    return threshold_origin.score_facts(model.parameters, model.training, model.precision)


def parameters_for_file(model: DLModel) -> dict[str, Any]:
    """The parameters that a file holds: not where the model runs, and no origin of thresholds that they do not have."""
    parameters = {name: value for name, value in model.parameters.items() if name != "runtime"}
    stored = threshold_origin.without_stale_origin(parameters["meta_data"], score_facts(model))
    return {**parameters, "meta_data": stored}


def stored_threshold(model: DLModel, name: str) -> float | None:
    """A threshold that is stored in the model, ``'anomaly_segmentation_threshold'`` or
    ``'anomaly_classification_threshold'``; None without one.

    Raises
    ------
    DLModelError
        The text that is stored is no number from 0; or the threshold of the image is for scores with another value of
        one of `OF_SCORES`.
    """
    meta_data, where = model.parameters["meta_data"], f"meta_data['{name}']"
    changed = threshold_origin.changed_parameter(meta_data, score_facts(model))
    if name == threshold_origin.CLASSIFICATION and changed is not None:
        parameter, value, computed_with = changed
        expected = f"one for scores with {parameter} {value}, the model's"
        raise DLModelError(where, expected, f"for {computed_with}", "run compute_dl_anomaly_thresholds anew")
    return threshold_origin.stored_number(meta_data, name, where, "compute_dl_anomaly_thresholds computes it anew")


def get_dl_model_param(dl_model_handle: DLModel, gen_param_name: str) -> Any:
    """Read a parameter of a model.

    Parameters
    ----------
    dl_model_handle : DLModel
        The model.
    gen_param_name : str
        One of those that `set_dl_model_param` sets, or: ``'type'``, ``'precision'`` ('float32', 'float16', 'int8'),
        ``'precision_is_converted'`` (a bool: whether `optimize_dl_model_for_inference` made the model),
        ``'num_trainable_params'`` (numbers learnt by training; 0 before, and where a graph holds them), ``'summary'``
        (a text).

    Returns
    -------
    object
        The value; a list for a parameter of several numbers. ``'meta_data'`` is the model's own dictionary, the list of
        ``'decision_rules'`` a copy.

    Raises
    ------
    DLParamError
        No such parameter (halcon_code 7788).
    """
    model = check_model(dl_model_handle)
    name = _known(gen_param_name, (*model.parameters, *COMBINED, *READ_ONLY, "device"), model)
    if name in COMBINED:
        return [model.parameters[part] for part in COMBINED[name]]
    special: dict[str, Callable[[], Any]] = {
        "device": lambda: model.device,
        "precision": lambda: model.precision,
        "precision_is_converted": lambda: model.conversion is not None,
        "num_trainable_params": lambda: model.reference.n_numbers() if model.reference else 0,
        "summary": lambda: repr(model)[1:-1],
    }
    value = special[name]() if name in special else model.parameters[name]
    return copy.deepcopy(value) if isinstance(value, list) else value


def set_dl_model_param(dl_model_handle: DLModel, gen_param_name: str, gen_param_value: Any) -> None:
    """Set a parameter of a model.

    Parameters
    ----------
    dl_model_handle : DLModel
        The model, changed in place; on an error it is as before.
    gen_param_name : str
        See Notes.
    gen_param_value : object
        A number, string, list or dictionary, as the parameter asks.

    Raises
    ------
    DLParamError
        No such parameter (halcon_code 7788), or a value that is not valid (7791).
    DLModelError
        The model is trained, and the parameter would change its shape; or it is converted, and the parameter is none
        of those that may be set then (7883).

    Notes
    -----
    Before training only (they shape what is learnt):
    ``image_width``, ``image_height`` (pixels, multiples of 32; with tiles any number from 32 on), ``image_size``,
    ``image_dimensions`` (both at once), dlproc's own ``tile_size`` (pixels, a multiple of 32; 0, the default: no tiles)
    and ``tile_overlap`` (pixels, a multiple of 32, at most half a tile; 128): with tiles the network sees a large image
    part by part, in its original pixels, see ``docs/large_images.md``; set them before the size;
    ``image_num_channels`` (1 or 3), ``image_range_min``, ``image_range_max`` (-2 and 2), ``complexity`` (capacity;
    larger is finer and slower), and dlproc's own ``normalization_type``, ``mean_values_normalization``,
    ``deviation_values_normalization``, ``image_bits``, which `train_dl_model` sets from the dataset.

    At any time: ``standard_deviation_factor`` (weight of the spread in the image score; larger suits small defects;
    compute the thresholds anew after a change), ``batch_size`` (images through the network at once; changes no
    decision),
    ``device``, ``runtime`` ('cpu', 'gpu': the first device of that kind), ``meta_data`` (a dictionary of strings),
    ``decision_rules`` (a list of rules for `apply_dl_decision_rules`, checked here, kept as a copy),
    ``class_names``, ``class_ids``.

    Of a model that `optimize_dl_model_for_inference` converted only ``device`` and ``runtime`` (a device of the kind
    that it was converted for), ``meta_data``, ``standard_deviation_factor``, ``batch_size`` and ``decision_rules``.

    Models of type 'gc_anomaly_detection' have further: before training only ``patch_size`` (pixels that a patch of the
    local network stands for, a multiple of 8); at any time ``gc_anomaly_networks`` (a list, 'local', 'global' or both:
    whose answers are combined), ``anomaly_score_tolerance`` (share of each map, its largest distances, that the image
    score leaves out: more forgives more), ``learning_rate``. Compute the thresholds anew after a change of the first
    two.
    """
    model = check_model(dl_model_handle)
    name = _known(gen_param_name, (*model.parameters, *COMBINED, "device"), model)
    if model.conversion is not None and name not in SETTABLE_CONVERTED:
        expected = f"one of {', '.join(map(repr, SETTABLE_CONVERTED))}, as the model is converted"
        raise DLModelError("gen_param_name", expected, repr(name), "set it before the conversion", halcon_code=7883)
    if name in COMBINED:
        parts = list(gen_param_value) if isinstance(gen_param_value, list | tuple) else [gen_param_value]
        if len(parts) != len(COMBINED[name]):
            expected = f"{len(COMBINED[name])} numbers, {', '.join(COMBINED[name])}"
            raise DLParamError(f"set_dl_model_param('{name}')", expected, describe(gen_param_value), halcon_code=7789)
        values = {part: _valid(part, value, model) for part, value in zip(COMBINED[name], parts, strict=True)}
    elif name in ("device", "runtime"):
        model.move_to(_device(name, gen_param_value, model))
        return
    else:
        values = {name: _valid(name, gen_param_value, model)}
    for part, value in values.items():
        is_shaped = model.is_trained or model.learner is not None
        if part in SHAPING and is_shaped and value != model.parameters[part]:
            hint = f"it is {model.parameters[part]}; read an untrained model to change it"
            raise DLModelError(
                f"set_dl_model_param('{name}')", "a model that is not trained", "a trained one", hint, halcon_code=7883
            )
    _check_tiles(f"set_dl_model_param('{name}')", values, model.parameters)
    model.parameters.update(values)


def valid_parameters(given: Mapping[str, Any], model: DLModel) -> dict[str, Any]:
    """Parameters of a file in their plain form, each of its kind, and fitting each other.

    Raises
    ------
    DLParamError
        One that is not known, or not valid.
    """
    own = set(model.parameters) - {"runtime"}
    for name in given:
        check_known(name, own, "parameters")
    kinds = kinds_of(TYPES[model.parameters["type"]].parameters)
    values = {}
    for name, value in given.items():
        if name in (*READ_ONLY, "meta_data"):
            values[name] = convert(value, kinds[name], f"parameters['{name}']", DLParamError)
        else:
            values[name] = _valid(name, value, model)
    if "meta_data" in values:  # as it is: what it says of the other parameters holds once they are set
        values["meta_data"] = _texts(values["meta_data"], "parameters['meta_data']")
    _check_tiles("parameters", values, model.parameters)
    return values


def _check_tiles(where: str, values: Mapping[str, Any], parameters: Mapping[str, Any]) -> None:
    """Raise `DLParamError` unless tiles, and the size of the images, fit each other with the new values."""
    new = {**parameters, **values}
    tile, overlap = (new.get(name, 0) for name in ("tile_size", "tile_overlap"))  # not of all types
    if 0 < tile < 2 * STEP:  # what an image lacks up to a multiple of STEP is its mirror image, from within the tile
        raise DLParamError(where, f"0, or {2 * STEP} at least", f"{tile}", halcon_code=7791)
    if tile and 2 * overlap > tile and "tile_size" in values:
        expected, hint = f"0, or {2 * overlap} at least, twice 'tile_overlap'", "set a smaller 'tile_overlap' first"
        raise DLParamError(where, expected, f"{tile}", hint, halcon_code=7791)
    if tile and 2 * overlap > tile:
        raise DLParamError(where, f"at most {tile // 2}, half of 'tile_size'", f"{overlap}", halcon_code=7791)
    for side in ("image_width", "image_height"):
        if not tile and new[side] % STEP and side in values:
            expected, hint = Integer("", STEP, None, STEP).expected(), "with tiles any size: set 'tile_size' first"
            raise DLParamError(where, expected, f"{new[side]}", hint, halcon_code=7791)
        if not tile and new[side] % STEP:
            expected, hint = f"tiles, because '{side}' is {new[side]}", f"set it to a multiple of {STEP} first"
            raise DLParamError(where, expected, "0, no tiles", hint, halcon_code=7791)


def _known(gen_param_name: object, names: tuple[str, ...], model: DLModel) -> str:
    name = str(scalar(gen_param_name))
    if name in NOT_HERE and name not in names:
        expected = f"a parameter that models of type '{model.parameters['type']}' have here"
        raise DLParamError("gen_param_name", expected, repr(name), "leave this line out", halcon_code=7788)
    check_known(name, names, "gen_param_name", halcon_code=7788)
    return name


def _valid(name: str, value: object, model: DLModel) -> Any:
    where = f"set_dl_model_param('{name}')"
    if name in READ_ONLY:
        raise DLParamError(where, "a parameter that can be set", "one that can only be read", halcon_code=7788)
    if name == "decision_rules":
        return valid_decision_rules(value, where)
    plain = convert(value, kinds_of(TYPES[model.parameters["type"]].parameters)[name], where, DLParamError)
    if name == "gc_anomaly_networks":
        return [network for network in GC_NETWORKS if network in plain]  # each once, in one order
    if name == "image_num_channels" and plain == 2:
        raise DLParamError(where, "1 or 3", "2", halcon_code=7791)
    if name == "meta_data":
        return threshold_origin.without_stale_origin(_texts(plain, where), score_facts(model))
    return plain


def _texts(given: dict[Any, Any], where: str) -> dict[str, str]:
    """A dictionary of strings, or an error that names the key."""
    for key, text in given.items():
        if not isinstance(key, str) or not isinstance(text, str):
            raise DLParamError(f"{where}[{key!r}]", "a string", describe(text), halcon_code=7790)
    return dict(given)


def _device(name: str, value: object, model: DLModel) -> DLDevice:
    """The device that is asked for, if the model can run on it."""
    given, where = scalar(value), f"set_dl_model_param('{name}')"
    if name == "runtime":
        runtime = _valid("runtime", given, model)
        # Of a converted model: where it is, if it is of that kind.
        device = first_device(runtime) if model.conversion is None else replace(model.device, runtime=runtime)
    elif isinstance(given, DLDevice):
        device = given
    else:
        raise DLParamError(where, "a device of query_available_dl_devices", describe(given))
    if model.conversion is None and device.ai_accelerator_interface != "none":
        expected = "a device with ai_accelerator_interface 'none'"
        hint = "optimize_dl_model_for_inference converts a model for such a device"
        raise DLModelError(where, expected, repr(device.ai_accelerator_interface), hint)
    if model.conversion is not None and not model.conversion.fits(device):
        got = f"{device.runtime}, ai_accelerator_interface {device.ai_accelerator_interface!r}"
        hint = "convert the original model for it"
        raise DLModelError(where, f"a device as it was converted for, {model.conversion.target()}", got, hint)
    return device
