"""``dlproc detect``: decide on images, one after the other."""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlproc as dl
from dlproc.cli import options
from dlproc.cli.console import Console, counted, csv_text, is_terminal, use_utf8
from dlproc.cli.images import STANDARD_INPUT, NamedImage, named_images, passed_over_in_words
from dlproc.cli.model import own_preprocess_param, read_trained_model, stored_thresholds
from dlproc.cli.overlays import write_overlay
from dlproc.cli.proportions import proportions_of, remark_on_proportions
from dlproc.errors import DLDictError, DLError, DLFileError

if TYPE_CHECKING:
    from dlproc.io.listing import PassedOver
    from dlproc.models.handle import DLModel

ACCEPTED, REJECTED, NOT_INSPECTED = 0, 1, 2
_COLUMNS = (
    "image",
    "decision",
    "anomaly_class",
    "anomaly_score",
    "threshold",
    "covered_area",
    "reasons",
    "overlay",
    "error",
)
_DESCRIPTION = """\
Decide on images with a trained model and the thresholds that are stored in it.

IMAGES are files, folders (with all folders below), patterns like "new/*.png", or - for file names on standard input,
one on each line. A line is written for each image as soon as it is decided.

  decision       accept, reject, or review; review only where the model has decision rules
  anomaly_score  score of the image, 0 to 1; the image is 'nok' from the threshold upwards
  covered_area   share of its pixels that are anomalous, 0 to 1

Images are recognised by their endings and their first bytes. Hidden files, those of the system and overlays of dlproc
are passed over; what is passed over is counted on standard error.

exit codes: 0 all accepted; 1 something rejected or set for review; 2 bad input, an image that was not inspected, or a
            file that may be an image and cannot be read (unless --skip-others)
"""


def add_command(commands: options.Commands) -> None:
    """The arguments of ``dlproc detect``."""
    parser = options.add_command(commands, "detect", run, "decide on images", _DESCRIPTION)
    parser.add_argument("model", metavar="MODEL", help="model file")
    parser.add_argument("images", metavar="IMAGES", nargs="+", help="files, folders, patterns, or -")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object on each line")
    form.add_argument("--csv", action="store_true", help="a table with a header, separated by commas")
    parser.add_argument(
        "--save-overlays", type=options.path, metavar="DIR", help="write each image with its scores and regions here"
    )
    parser.add_argument("--keep-going", action="store_true", help="report images that cannot be read, and go on")
    parser.add_argument(
        "--skip-others", action="store_true", help="files that may be images of a kind that is not read do not count"
    )
    parser.add_argument(
        "--batch-size", type=_positive, metavar="N", help="images through the network at once; 1 is quickest on a CPU"
    )
    options.add_max_megapixels(parser)
    options.add_runtime(parser)
    options.add_quiet(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Decide on each image and write its line."""
    model = read_trained_model(arguments.model, arguments.runtime)
    if arguments.batch_size:
        dl.set_dl_model_param(model, "batch_size", arguments.batch_size)
    thresholds = stored_thresholds(model, arguments.model)
    overlay_dir: Path | None = arguments.save_overlays
    if overlay_dir is not None:
        from dlproc.io.writing import make_folder, remove_parts

        make_folder(overlay_dir, "a folder for the overlays")
        remove_parts(overlay_dir)

    write = _writer(arguments, console)
    counts: Counter[str] = Counter()
    passed_over: list[PassedOver] = []
    n_remarks, first_remark = 0, ""
    images = _with_progress(named_images(arguments.images, passed_over, arguments.skip_others), arguments, console)
    try:
        for record in inspect(model, thresholds, images, overlay_dir, arguments.keep_going):
            write(record)
            counts[record["decision"] if "error" not in record else "not inspected"] += 1
            for text in record.get("remarks", []):
                first_remark = first_remark or f"{record['image']}: {text}"
                n_remarks += 1
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"{counted(counts.total(), 'image')} were done") from None
    shown = ", ".join(f"{counts[name]} {words}" for name, words in _WORDS.items() if counts[name])
    console.remark(f"{counted(counts.total(), 'image')}: {shown or 'nothing to decide'}")
    if n_remarks:
        console.remark(f"{counted(n_remarks, 'image')} of other proportions than those trained on; {first_remark}")
    left_out = _say_passed_over(passed_over, arguments.skip_others, console)
    if counts["not inspected"] or left_out or not counts:  # no image is no accepted image
        return NOT_INSPECTED
    return ACCEPTED if counts["accept"] == counts.total() else REJECTED


def _say_passed_over(passed_over: Sequence[PassedOver], is_accepted: bool, console: Console) -> bool:
    """Say what was not inspected; returns whether images may be among it that should have been."""
    clear, doubtful = passed_over_in_words(passed_over)
    if clear:
        console.remark(clear)
    if doubtful and is_accepted:
        console.remark(doubtful)
    elif doubtful:
        console.note(f"error: {doubtful} (--skip-others leaves them out of the exit code)")
    return bool(doubtful) and not is_accepted


_WORDS = {
    "accept": "accepted",
    "reject": "rejected",
    "review": "set for review",
    "not inspected": "could not be inspected",
}


def inspect(
    model: DLModel,
    thresholds: tuple[float, float],
    images: Iterable[NamedImage | DLError],
    overlay_dir: Path | None = None,
    keep_going: bool = False,
) -> Iterator[dict[str, Any]]:
    """Decide on images, holding no more of them than the model's ``batch_size``.

    Parameters
    ----------
    model : DLModel
        Trained.
    thresholds : pair of float
        Of the pixels, and of the image.
    images : iterable of NamedImage or DLError
        Files; an error stands for a name that stands for no image.
    overlay_dir : Path, optional
        Where to write an overlay of each image.
    keep_going : bool
        Whether a broken image becomes a record with ``'error'``, or is raised.

    Yields
    ------
    dict
        In the order of `images`: ``'image'`` and either ``'error'`` or ``'decision'``, ``'anomaly_class'``,
        ``'anomaly_score'``, ``'threshold'`` (of the image), ``'covered_area'``, ``'regions'`` (largest first: peak
        score, share of the area, box in pixels of the image as it was read), ``'reasons'`` (of the decision rules) and,
        where there is one, ``'overlay'`` and ``'remarks'``.
    """
    param, known_proportions = own_preprocess_param(model), proportions_of(model)
    rules = dl.get_dl_model_param(model, "decision_rules")
    n_at_once = dl.get_dl_model_param(model, "batch_size")
    rest = iter(images)
    while batch := [_load(image, param) for image in islice(rest, n_at_once)]:
        samples = [loaded["sample"] for loaded in batch if "sample" in loaded]
        results = iter(_decide(model, thresholds, rules, samples) if samples else [])
        for loaded in batch:
            if "error" in loaded:
                if not keep_going:
                    raise loaded["error"]
                yield {"image": loaded["name"], "error": str(loaded["error"])}
                continue
            result = next(results)
            record = _record(loaded, result)
            height, width = loaded["image"].shape[:2]
            if words := remark_on_proportions(known_proportions, width, height):
                record["remarks"] = [words]
            if overlay_dir is not None:
                record["overlay"] = str(write_overlay(overlay_dir, loaded["source"], loaded["image"], result))
            yield record
        batch.clear()  # before the next images are read
        loaded, result, samples, results = {}, {}, [], iter(())


def _load(source: NamedImage | DLError, param: Any) -> dict[str, Any]:
    """An image with its preprocessed sample, or the error that names its file."""
    from dlproc.io.images import read_image_file
    from dlproc.remarks import from_file

    if isinstance(source, DLError):
        return {"name": source.where, "error": source}
    name = source.name
    try:
        image = read_image_file(Path(name))
        samples = dl.gen_dl_samples_from_images(image)
        with from_file(name):
            dl.preprocess_dl_samples(samples, param)
    except DLDictError as error:  # an image that cannot be preprocessed: name the file, not the sample
        return {"name": name, "error": DLFileError(name, error.expected, error.got, error.hint, halcon_code=5201)}
    except DLError as error:
        return {"name": name, "error": error}
    return {"name": name, "source": source, "image": image, "sample": samples[0]}


def _decide(model: DLModel, thresholds: tuple[float, float], rules: Any, samples: list[Any]) -> list[Any]:
    """Results with ``'decision'`` and ``'decision_reasons'``."""
    results: list[Any] = dl.apply_dl_model(model, samples)
    dl.threshold_dl_anomaly_results(*thresholds, results)
    if rules:
        dl.apply_dl_decision_rules(results, rules)
        return results
    for result in results:
        result["decision"] = "reject" if result["anomaly_class"] == "nok" else "accept"
        result["decision_reasons"] = []
    return results


def _record(loaded: dict[str, Any], result: Any) -> dict[str, Any]:
    height, width = loaded["image"].shape[:2]
    found = dl.get_dl_anomaly_regions(result, {"original_size": [width, height]})
    regions = [
        {"peak": region["peak"], "area_share": region["area_share"]}
        | {name: region["original"][name] for name in ("row1", "column1", "row2", "column2")}
        for region in found
    ]
    return {
        "image": loaded["name"],
        "decision": result["decision"],
        "anomaly_class": result["anomaly_class"],
        "anomaly_score": result["anomaly_score"],
        "threshold": result["anomaly_classification_threshold"],
        "covered_area": float(result["anomaly_region"].mean()),
        "regions": regions,
        "reasons": result["decision_reasons"],
    }


def _with_progress(
    images: Iterable[NamedImage | DLError], arguments: argparse.Namespace, console: Console
) -> Iterable[NamedImage | DLError]:
    """The images, behind a progress bar where nobody reads the lines as they come."""
    if not console.shows_bars or is_terminal(sys.stdout):
        return images
    from tqdm import tqdm

    if STANDARD_INPUT not in arguments.images:
        images = list(images)  # to know how many there are
    return tqdm(images, "Inspecting", unit="image")


def _writer(arguments: argparse.Namespace, console: Console) -> Callable[[dict[str, Any]], None]:
    if arguments.json:
        # Escapes for all but ASCII: the same bytes in every console, and still the right name for who reads them.
        return lambda record: console.result(json.dumps(record, allow_nan=False))
    if arguments.csv:
        use_utf8()
        console.result(",".join(_COLUMNS))
        return lambda record: console.result(_csv_line(record))
    return lambda record: console.result(_text_line(record))


def _csv_line(record: dict[str, Any]) -> str:
    cells = {**record, "reasons": "; ".join(map(_reason, record.get("reasons", [])))}
    line = io.StringIO()
    values = [cells.get(name, "") for name in _COLUMNS]
    texts = [csv_text(value) if isinstance(value, str) else value for value in values]
    csv.writer(line, lineterminator="").writerow(texts)
    return line.getvalue()


def _text_line(record: dict[str, Any]) -> str:
    if "error" in record:
        return f"error   ------  {record['error']}"
    reasons = "; ".join(map(_reason, record["reasons"]))
    line = f"{record['decision']:<6}  {record['anomaly_score']:.4f}  {record['image']}"
    return f"{line}  ({reasons})" if reasons else line


def _reason(reason: dict[str, Any]) -> str:
    return str(reason["text"])


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1; got '{text}'")
    return int(text)
