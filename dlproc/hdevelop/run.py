"""Run a program of HDevelop: translate it, execute it, and tell errors with the program's own lines."""

from __future__ import annotations

import os
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import CodeType
from typing import Any

from dlproc.display import saving, windows
from dlproc.errors import DLDataError, DLParamError, DLSyntaxError
from dlproc.hdevelop import syntax
from dlproc.hdevelop import values as run_time
from dlproc.hdevelop.parser import parse_expression
from dlproc.hdevelop.printer import print_statement
from dlproc.hdevelop.program import Program, read_program, walk_statements
from dlproc.hdevelop.translate import Translation, translate
from dlproc.schema.kinds import did_you_mean


def run_hdevelop(
    file_name: str | Path,
    values: Mapping[str, str] | None = None,
    folders: Sequence[str | Path] = (),
    figures: str | Path | None = None,
    display: bool = True,
) -> Translation:
    """Run a program of HDevelop.

    Parameters
    ----------
    file_name : str or Path
        An .hdev file.
    values : mapping of str to str, optional
        Names of variables of ``main``, and what is assigned to them instead of what the program assigns first: an
        expression of HDevelop, ``'15'``, ``"['good','bad']"``, or any other text, which then is a text.
    folders : sequence of str or Path
        Where external procedures lie, besides the program's own folder.
    figures : str or Path, optional
        A folder for what the program's windows show, as PNG; removed at the end if it is new and nothing is in it. Not
        given: nothing is written.
    display : bool
        False: nothing is drawn at all.

    Returns
    -------
    Translation
        What was run.

    Raises
    ------
    DLFileError, DLSyntaxError
        The program cannot be read.
    DLDataError
        It has no ``main``.
    DLParamError
        A name in `values` that ``main`` assigns nothing to.
    Exception
        Whatever happens while it runs, with a note: file, procedure, line and statement. An operator that dlproc does
        not have raises NotImplementedError when it is reached, not before.

    Notes
    -----
    The program is executed as it would be after ``dlproc port``, in this process; relative file names are relative to
    the current folder, which is the same again afterwards; windows that are open before are closed. It can do whatever
    a Python program can: run only what you trust.
    """
    program = read_program(file_name, folders)
    if program.main is None:
        raise DLDataError(str(file_name), "a program, which has a procedure main", "procedures only")
    translation = translate(with_values(program, values or {}))
    code = compile(translation.text, _code_name(program), "exec")
    windows.finish()  # a program begins without windows
    folder, current = None if figures is None else Path(figures).resolve(), Path.cwd()
    is_new = folder is not None and not folder.exists()
    try:
        with saving.for_one_program(folder, is_off=not display):
            try:
                _execute(code, translation)
            finally:
                windows.finish()
    finally:
        os.chdir(current)
        if folder is not None and is_new and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return translation


def with_values(program: Program, values: Mapping[str, str]) -> Program:
    """The program with other first assignments in ``main``."""
    main = program.main
    assert main is not None
    body = main.body
    for name, text in values.items():
        if not any(_assigns(statement, name) for statement in walk_statements(body)):
            known = sorted({s.target.name for s in walk_statements(body) if _assigns(s)})  # type: ignore[attr-defined]
            raise DLParamError(
                name, "a variable that main assigns a value to", "no such variable", did_you_mean(name, known)
            )
        body, _ = _with_value(body, name, _expression(text))
    procedures = tuple(replace(one, body=body) if one is main else one for one in program.procedures)
    return replace(program, procedures=procedures)


def _assigns(statement: syntax.Statement, name: str = "") -> bool:
    if not isinstance(statement, syntax.Assign) or not isinstance(statement.target, syntax.Variable):
        return False
    return name in ("", statement.target.name)


def _with_value(body: syntax.Body, name: str, value: syntax.Expression) -> tuple[syntax.Body, bool]:
    """The statements with another value in the first assignment to a variable, and whether there was one."""
    changed = list(body)
    for place, statement in enumerate(body):
        if _assigns(statement, name):
            changed[place] = replace(statement, value=value)  # type: ignore[call-arg]
            return tuple(changed), True
        for field in ("body", "branches", "otherwise", "cases", "catch"):
            inner = getattr(statement, field, None)
            if inner is None:
                continue
            several = isinstance(inner, tuple)
            new, found = _with_value(inner if several else (inner,), name, value)
            if found:
                parts: dict[str, Any] = {field: new if several else new[0]}
                changed[place] = replace(statement, **parts)
                return tuple(changed), True
    return body, False


def _expression(text: str) -> syntax.Expression:
    """An expression, or where it is none, or only a name, a text."""
    try:
        found = parse_expression(text)
    except DLSyntaxError:
        return syntax.String(text)
    return found if _is_constant(found) else syntax.String(text)


def _is_constant(expression: Any) -> bool:
    if isinstance(expression, syntax.Tuple):
        return all(_is_constant(element) for element in expression.elements)
    if isinstance(expression, syntax.Unary):
        return _is_constant(expression.operand)
    return isinstance(expression, syntax.Integer | syntax.Real | syntax.String | syntax.Boolean)


def _execute(code: CodeType, translation: Translation) -> None:
    namespace: dict[str, Any] = {"__name__": "dlproc_program", "__file__": str(translation.program.path)}
    run_time.sources[code.co_filename] = translation.sources
    try:
        exec(code, namespace)  # noqa: S102  (the program is what the user asked to run)
        namespace["main"]()
    except SystemExit:
        return  # exit ()
    except BaseException as error:
        error.add_note(place_of(error, translation))
        raise
    finally:
        run_time.sources.clear()


def place_of(error: BaseException, translation: Translation) -> str:
    """Where in the program an error happened: ``inspect.hdev, procedure main, line 12: threshold (…)``."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == _code_name(translation.program)
    ]
    procedure, line = translation.sources[(frames[-1].lineno or 1) - 1] if frames else ("", 0)
    where = f"{translation.program.path}, procedure {procedure}, line {line}" if line else str(translation.program.path)
    statement = _statement(translation.program, procedure, line)
    return f"{where}: {statement}" if statement else where


def _statement(program: Program, procedure: str, line: int) -> str:
    """The text of the statement in a line of a procedure, in one line."""
    for found in program.procedures:
        if found.name == procedure:
            for statement in walk_statements(found.body):
                if statement.line == line and not isinstance(statement, syntax.Branch | syntax.Otherwise | syntax.Case):
                    return print_statement(statement)[0].strip()
    return ""


def _code_name(program: Program) -> str:
    return f"<{program.path} in Python>"
