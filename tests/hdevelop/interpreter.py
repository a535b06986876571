"""Runs a program of HDevelop statement by statement, as slowly and plainly as `reference` evaluates expressions.

It knows nothing of the translator: what it computes is the truth that a translated program is compared with. Operators
are those of dlproc; which of their arguments are iconic and which are outputs stands in `SIGNATURES`, after MVTec's
reference. Procedures are looked for in the program, then in the libraries and procedures given.

``run(program, libraries, changes)`` gives the variables of main at its end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from reference import NoValue, VectorValue, evaluate, plain, values

import dlproc as dl
from dlproc.errors import DLError
from dlproc.hdevelop import syntax as s
from dlproc.hdevelop.files import HDevelopFile, Procedure
from dlproc.hdevelop.parser import parse_procedure

#: Numbers of arguments: iconic inputs, iconic outputs, control inputs, control outputs.
SIGNATURES = {
    "apply_dl_model": (0, 0, 3, 1),
    "area_center": (1, 0, 0, 3),
    "clear_dl_model": (0, 0, 1, 0),
    "close_file": (0, 0, 1, 0),
    "compute_dl_anomaly_thresholds": (0, 0, 3, 2),
    "connection": (1, 1, 0, 0),
    "copy_obj": (1, 1, 2, 0),
    "count_channels": (1, 0, 0, 1),
    "count_obj": (1, 0, 0, 1),
    "count_seconds": (0, 0, 0, 1),
    "create_dict": (0, 0, 0, 1),
    "create_dl_preprocess_param": (0, 0, 12, 1),
    "create_dl_preprocess_param_from_model": (0, 0, 6, 1),
    "create_dl_train_param": (0, 0, 7, 1),
    "dev_get_exception_data": (0, 0, 2, 1),
    "evaluate_dl_model": (0, 0, 5, 2),
    "file_exists": (0, 0, 1, 1),
    "fill_up": (1, 1, 0, 0),
    "find_dl_samples": (0, 0, 4, 1),
    "fwrite_string": (0, 0, 2, 0),
    "gen_dl_samples_from_images": (1, 0, 0, 1),
    "gen_empty_obj": (0, 1, 0, 0),
    "get_dict_object": (0, 1, 2, 0),
    "get_dict_param": (0, 0, 3, 1),
    "get_dict_tuple": (0, 0, 2, 1),
    "get_domain": (1, 1, 0, 0),
    "get_image_size": (1, 0, 0, 2),
    "intensity": (2, 0, 0, 2),
    "list_files": (0, 0, 2, 1),
    "list_image_files": (0, 0, 3, 1),
    "make_dir": (0, 0, 1, 0),
    "open_file": (0, 0, 2, 1),
    "opening_circle": (1, 1, 1, 0),
    "paint_region": (2, 1, 2, 0),
    "parse_filename": (0, 0, 1, 3),
    "preprocess_dl_dataset": (0, 0, 4, 1),
    "preprocess_dl_samples": (0, 0, 2, 0),
    "query_available_dl_devices": (0, 0, 2, 1),
    "read_dict": (0, 0, 3, 1),
    "read_dl_dataset_anomaly": (0, 0, 5, 1),
    "read_dl_model": (0, 0, 1, 1),
    "read_dl_samples": (0, 0, 2, 1),
    "read_image": (0, 1, 1, 0),
    "reduce_domain": (2, 1, 0, 0),
    "rgb1_to_gray": (1, 1, 0, 0),
    "select_obj": (1, 1, 1, 0),
    "select_shape": (1, 1, 4, 0),
    "set_dict_object": (1, 0, 2, 0),
    "set_dict_tuple": (0, 0, 3, 0),
    "set_dl_model_param": (0, 0, 3, 0),
    "set_system": (0, 0, 2, 0),
    "smallest_rectangle1": (1, 0, 0, 4),
    "split_dl_dataset": (0, 0, 4, 0),
    "threshold": (1, 1, 2, 0),
    "threshold_dl_anomaly_results": (0, 0, 3, 0),
    "train_dl_model": (0, 0, 4, 3),
    "tuple_regexp_select": (0, 0, 2, 1),
    "tuple_sort": (0, 0, 1, 1),
    "tuple_sort_index": (0, 0, 1, 1),
    "write_dict": (0, 0, 4, 0),
    "write_dl_model": (0, 0, 2, 0),
    "write_dl_samples": (0, 0, 5, 0),
}
#: What only shows something; it computes nothing that a program reads.
SHOWS = ("dev_", "disp_", "set_display_font")


class _Break(Exception):
    pass


class _Continue(Exception):
    pass


class _Return(Exception):
    pass


class Thrown(Exception):
    """``throw``, with the tuple that ``catch`` gets."""

    def __init__(self, exception: list[Any]) -> None:
        super().__init__(exception)
        self.exception = exception


def run(
    program: HDevelopFile, libraries: Sequence[HDevelopFile] = (), changes: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The variables of main after a program has run.

    Parameters
    ----------
    program : HDevelopFile
    libraries : sequence of HDevelopFile
        Procedures that the program calls.
    changes : dict, optional
        Name and value of variables of main: the first assignment to such a name gives it this value.
    """
    return _Interpreter([program, *libraries], changes or {}).main()


def run_body(body: s.Body) -> dict[str, Any]:
    """The variables after the statements of a main."""
    interpreter = _Interpreter([], {})
    interpreter.bodies["main"] = body
    return interpreter.main()


class _Interpreter:
    def __init__(self, files: Sequence[HDevelopFile], changes: Mapping[str, Any]) -> None:
        self.procedures: dict[str, Procedure] = {}
        for file in files:
            for procedure in file.procedures:
                self.procedures.setdefault(procedure.name, procedure)
        self.bodies = {name: _body(procedure) for name, procedure in self.procedures.items()}
        self.changes = dict(changes)
        self.globals: dict[str, Any] = {}

    def main(self) -> dict[str, Any]:
        frame = _Frame(self.globals)
        frame.changes = self.changes
        self.run(self.bodies["main"], frame)
        return {name: frame[name] for name in frame.names()}

    def run(self, body: s.Body, frame: _Frame) -> None:
        with suppress(_Return):
            self.block(body, frame)

    def block(self, body: s.Body, frame: _Frame) -> None:
        for statement in body:
            self.statement(statement, frame)

    def statement(self, statement: s.Statement, frame: _Frame) -> None:
        match statement:
            case s.Assign(s.Variable(name), _) if name in frame.changes:
                frame[name] = values(frame.changes.pop(name))
            case s.Assign(target, value):
                self.assign(target, _copied(evaluate(value, frame)), frame)
            case s.Call(name, arguments):
                self.call(name, arguments, frame)
            case s.ParStart(thread, call):
                self.assign(thread, [0], frame)
                self.call(call.name, call.arguments, frame)
            case s.Global(_, name):
                frame.globals_here.add(name)
                self.globals.setdefault(name, [])
            case s.If(branches, otherwise):
                chosen = next((b.body for b in branches if self.true(b.condition, frame)), None)
                self.block(chosen if chosen is not None else otherwise.body if otherwise else (), frame)
            case s.For():
                self.for_loop(statement, frame)
            case s.While(condition, body):
                self.loop(body, frame, before=condition)
            case s.Repeat(body, condition):
                self.loop(body, frame, after=condition)
            case s.Switch():
                self.switch(statement, frame)
            case s.Try(body, caught):
                self.try_block(body, caught, frame)
            case s.Execute(operation):
                self.change_vector(operation, frame)
            case s.Throw(exception):
                raise Thrown(evaluate(exception, frame))
            case s.Break():
                raise _Break
            case s.Continue():
                raise _Continue
            case s.Return():
                raise _Return
            case s.Comment() | s.Blank() | s.Stop() | s.Import() | s.ParJoin():
                pass
            case _:
                raise TypeError(f"not covered: {statement}")

    def true(self, condition: s.Expression, frame: _Frame) -> bool:
        (truth,) = evaluate(condition, frame)
        return bool(truth != 0)

    # Loops and branches

    def for_loop(self, loop: s.For, frame: _Frame) -> None:
        (first,), (last,), (step,) = (evaluate(x, frame) for x in (loop.first, loop.last, loop.step))
        if any(isinstance(x, float) for x in (first, last, step)):
            first = float(first)
        self.assign(loop.target, [first], frame)
        while True:
            (index,) = evaluate(loop.target, frame)
            if index > last if step > 0 else index < last:
                return
            if not self.once(loop.body, frame):
                return
            (index,) = evaluate(loop.target, frame)  # the body may have changed it
            self.assign(loop.target, [index + step], frame)

    def loop(
        self, body: s.Body, frame: _Frame, before: s.Expression | None = None, after: s.Expression | None = None
    ) -> None:
        while before is None or self.true(before, frame):
            if not self.once(body, frame):
                return
            if after is not None and self.true(after, frame):
                return

    def once(self, body: s.Body, frame: _Frame) -> bool:
        """One pass; whether the loop goes on."""
        try:
            self.block(body, frame)
        except _Continue:
            pass
        except _Break:
            return False
        return True

    def switch(self, switch: s.Switch, frame: _Frame) -> None:
        """Like a jump: from the label that fits on, through all that follow."""
        wanted = evaluate(switch.value, frame)
        labels = [None if case.value is None else evaluate(case.value, frame) for case in switch.cases]
        start = labels.index(wanted) if wanted in labels else labels.index(None) if None in labels else len(labels)
        with suppress(_Break):
            for case in switch.cases[start:]:
                self.block(case.body, frame)

    def try_block(self, body: s.Body, caught: s.Catch, frame: _Frame) -> None:
        try:
            self.block(body, frame)
        except Thrown as thrown:
            exception = thrown.exception
        except (DLError, NoValue) as error:
            exception = [getattr(error, "halcon_code", None) or -1, 21000, str(error), "", 0, "", 1, ""]
        else:
            return
        if caught.target:
            self.assign(caught.target, exception, frame)
        self.block(caught.body, frame)

    # Calls

    def call(self, name: str, arguments: Sequence[s.Expression], frame: _Frame) -> None:
        if name in self.procedures:
            self.call_procedure(self.procedures[name], arguments, frame)
        elif name in SIGNATURES:
            self.call_operator(name, arguments, frame)
        elif not name.startswith(SHOWS):
            raise TypeError(f"not covered: {name}")

    def call_procedure(self, procedure: Procedure, arguments: Sequence[s.Expression], frame: _Frame) -> None:
        given = procedure.interface
        inside, outputs = _Frame(self.globals), []
        for group in (given.iconic_inputs, given.iconic_outputs, given.control_inputs, given.control_outputs):
            for parameter in group:
                argument, arguments = arguments[0], arguments[1:]
                if group in (given.iconic_inputs, given.control_inputs):
                    inside[parameter.name] = _copied(evaluate(argument, frame))
                else:
                    outputs.append((argument, parameter.name))
        assert not arguments, procedure.name
        self.run(self.bodies[procedure.name], inside)
        for target, name in outputs:
            self.assign(target, inside.get(name, []), frame)

    def call_operator(self, name: str, arguments: Sequence[s.Expression], frame: _Frame) -> None:
        n_in, n_out, c_in, c_out = SIGNATURES[name]
        assert len(arguments) == n_in + n_out + c_in + c_out, name
        iconic, rest = arguments[:n_in], arguments[n_in:]
        targets, rest = list(rest[:n_out]), rest[n_out:]
        targets += rest[c_in:]
        control = [evaluate(argument, frame) for argument in rest[:c_in]]
        result = getattr(dl, name)(*(evaluate(x, frame) for x in iconic), *map(plain, control))
        results = result if len(targets) > 1 else (result,)
        for i, (target, value) in enumerate(zip(targets, results, strict=False)):
            self.assign(target, value if i < n_out else _tuple(value), frame)

    # Assignment

    def assign(self, target: s.Expression, value: Any, frame: _Frame) -> None:
        match target:
            case s.Variable("_"):
                pass
            case s.Variable(name):
                frame[name] = value
            case s.Index(base, index):
                elements = list(self.before(base, frame, []))
                places = evaluate(index, frame)
                new = value * len(places) if len(value) == 1 else value
                for place, element in zip(places, new, strict=True):
                    elements += [0] * (place + 1 - len(elements))
                    elements[place] = element
                self.assign(base, elements, frame)
            case s.Range(base, first, last):
                (a,), (b,) = evaluate(first, frame), evaluate(last, frame)
                places = s.Tuple(tuple(map(s.Integer, range(a, b + 1))))
                self.assign(s.Index(base, places), value, frame)
            case s.Element(base, index):
                before = self.before(base, frame, VectorValue([]))
                vector = before if isinstance(before, VectorValue) else VectorValue([])
                (place,) = evaluate(index, frame)
                elements = list(vector.elements)
                elements += [[]] * (place + 1 - len(elements))
                elements[place] = value
                self.assign(base, VectorValue(elements), frame)
            case s.Access(dictionary, key):
                (found,), (wanted,) = evaluate(dictionary, frame), evaluate(key, frame)
                found[wanted] = plain(value)
            case _:
                raise TypeError(f"not covered: {target}")

    def before(self, target: s.Expression, frame: _Frame, empty: Any) -> Any:
        """What a part is assigned to: empty where it is not there yet, but a dictionary on the way must be."""
        match target:
            case s.Variable(name):
                return frame[name] if name in frame else empty  # noqa: SIM401 - of global ones get() knows nothing
            case s.Access(dictionary, key):
                (found,), (wanted,) = evaluate(dictionary, frame), evaluate(key, frame)
                return values(found[wanted]) if wanted in found else empty
            case s.Element(base, index):
                around, (place,) = self.before(base, frame, VectorValue([])), evaluate(index, frame)
                elements = around.elements if isinstance(around, VectorValue) else []
                return elements[place] if place < len(elements) else empty
        raise TypeError(f"not covered: {target}")

    def change_vector(self, operation: s.MethodCall, frame: _Frame) -> None:
        """insert, remove and clear; what they stand behind is changed itself."""
        if isinstance(operation.vector, s.MethodCall):  # V.insert(0, A).insert(1, B)
            self.change_vector(operation.vector, frame)
        target = operation.vector
        while isinstance(target, s.MethodCall):
            target = target.vector
        elements = list(getattr(self.before(target, frame, VectorValue([])), "elements", []))
        arguments = [evaluate(argument, frame) for argument in operation.arguments]
        match operation.name:
            case "insert":
                (place,) = arguments[0]
                elements += [[]] * (place - len(elements))
                elements.insert(place, _copied(arguments[1]))
            case "remove":
                (place,) = arguments[0]
                del elements[place]
            case "clear":
                elements = []
        self.assign(target, VectorValue(elements), frame)


class _Frame(dict[str, Any]):
    """The variables of one call; those declared global are shared."""

    def __init__(self, shared: dict[str, Any]) -> None:
        super().__init__()
        self.shared = shared
        self.globals_here: set[str] = set()
        self.changes: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        return self.shared[name] if name in self.globals_here else super().__getitem__(name)

    def __setitem__(self, name: str, value: Any) -> None:
        if name in self.globals_here:
            self.shared[name] = value
        else:
            super().__setitem__(name, value)

    def __contains__(self, name: object) -> bool:
        return name in self.globals_here or super().__contains__(name)

    def names(self) -> set[str]:
        return set(self) | self.globals_here


def _body(procedure: Procedure) -> s.Body:
    """The statements; code that is switched off and lines that are not code do not run."""
    lines = [line.text if line.kind == "code" and not line.is_disabled else "" for line in procedure.lines]
    return parse_procedure(lines, procedure.name)


def _copied(value: Any) -> Any:
    """A tuple or a vector is a value; handles in it and images are not copied."""
    if isinstance(value, VectorValue):
        return VectorValue([_copied(element) for element in value.elements])
    return list(value) if isinstance(value, list) else value


def _tuple(value: Any) -> Any:
    """A control output as a list of plain numbers, strings and handles."""
    if value is None:
        return []
    value = value.tolist() if isinstance(value, np.ndarray | np.generic) else value
    return list(value) if isinstance(value, list | tuple) else [int(value) if isinstance(value, bool) else value]
