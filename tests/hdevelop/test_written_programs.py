"""The programs in the folder `programs` are read, parsed and printed; how they run is tested with the translator."""

from pathlib import Path

import pytest

from dlproc.hdevelop.files import read_hdevelop
from dlproc.hdevelop.parser import parse_procedure
from dlproc.hdevelop.printer import print_procedure

PROGRAMS = Path(__file__).parent / "programs"


@pytest.mark.parametrize(
    ("name", "kind", "procedures"),
    [
        ("anomaly_workflow.hdev", "program", ["main", "count_labels", "restrict_to_part", "inspect_image"]),
        (
            "anomaly_old_style.hdev",
            "program",
            ["main", "get_image_dir_of_class", "prepare_dataset", "train_model", "locate_anomalies"],
        ),
        ("dark_spots.hdev", "program", ["main", "provoke_error", "mean_of_tuple"]),
        (
            "language.hdev",
            "program",
            ["main", "change_both", "raise_counter", "local_counter", "factorial", "swap"],
        ),
        ("describe_spots.hdvp", "procedure", ["describe_spots"]),
        ("cell_tools.hdpl", "library", ["find_dark_spots", "write_lines"]),
        ("unknown.hdev", "program", ["main"]),
    ],
)
def test_a_written_program_is_read_and_printed(name, kind, procedures):
    program = read_hdevelop(PROGRAMS / name)
    assert (program.kind, program.skipped) == (kind, ())
    assert [procedure.name for procedure in program.procedures] == procedures
    for procedure in program.procedures:
        tree = parse_procedure([line.text for line in procedure.lines], f"{name}, {procedure.name}")
        assert tree
        assert parse_procedure(print_procedure(tree)) == tree
