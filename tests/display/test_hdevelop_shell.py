"""What programs ask of HDevelop and of the person at it."""

import inspect

import pytest

import dlproc as dl
from dlproc.display import hdevelop_shell

NEED_A_PERSON = [
    name
    for name, value in vars(hdevelop_shell).items()
    if name.startswith(("draw_", "get_m", "read_", "dev_open_file")) and callable(value)
]


def test_there_is_nothing_to_do():
    dl.dev_update_off()
    dl.dev_update_on()
    for operator in (dl.dev_update_window, dl.dev_update_pc, dl.dev_update_var, dl.dev_update_time):
        assert operator("off") is None
    for operator in (
        dl.dev_map_par,
        dl.dev_map_prog,
        dl.dev_map_var,
        dl.dev_unmap_par,
        dl.dev_unmap_prog,
        dl.dev_unmap_var,
    ):
        assert operator() is None
    dl.dev_inspect_ctrl([1, 2])
    dl.dev_close_inspect_ctrl([1, 2])
    dl.dev_error_var(2, 1)
    dl.dev_set_check("give_error")
    assert dl.dev_get_window() == -1  # none of these has opened one


def test_errors_cannot_be_switched_off():
    with pytest.warns(
        UserWarning, match=r"dev_set_check\('~give_error'\) has no effect: errors are raised all the same"
    ):
        dl.dev_set_check("~give_error")


def test_preferences():
    assert dl.dev_get_preferences("no_such_setting") == "false"
    dl.dev_set_preferences(["a_setting", "another"], ["true", 5])
    assert dl.dev_get_preferences(["a_setting", "another", "third"]) == ["true", 5, "false"]
    with pytest.raises(dl.DLParamError, match=r"^preference_values: expected 2 values, one for each name; got 1$"):
        dl.dev_set_preferences(["a", "b"], "true")


def test_where_the_program_runs():
    assert dl.dev_get_system("engine_environment") == "HDevEngine"
    assert dl.dev_get_system(["engine_environment"]) == ["HDevEngine"]
    with pytest.raises(dl.DLParamError, match="engine_environment"):
        dl.dev_get_system("engine")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("error_code", 5200),
        ("add_error_code", 0),
        ("error_message", "part.png: no such file"),
        ("error_msg", "part.png: no such file"),
        ("operator", "read_image"),
        ("procedure", "main"),
        ("program_line", 12),
        ("call_stack_depth", 1),
        (["error_code", "user_data"], [5200, ""]),
    ],
)
def test_parts_of_an_exception(name, expected):
    exception = [5200, 0, "part.png: no such file", "", 12, "read_image", 1, "main"]
    assert dl.dev_get_exception_data(exception, name) == expected


def test_an_exception_that_the_program_has_thrown():
    assert dl.dev_get_exception_data("stop it", "error_code") == "stop it"
    assert dl.dev_get_exception_data([30000], ["error_code", "error_message"]) == [30000, ""]
    with pytest.raises(dl.DLParamError) as caught:
        dl.dev_get_exception_data([1], "error_codes")
    assert str(caught.value).endswith("got 'error_codes' (did you mean 'error_code'?)")
    assert caught.value.halcon_code == 1302


@pytest.mark.parametrize("name", NEED_A_PERSON)
def test_what_needs_a_person_says_so(name):
    operator = getattr(dl, name)
    with pytest.raises(dl.DLParamError) as caught:
        operator(1, 2)
    message = str(caught.value)
    assert message.startswith(f"{name}: expected a person at the screen; got a program that runs by itself (")
    assert operator.__name__ == name and "DLParamError" in inspect.getdoc(operator)


def test_they_are_many():
    assert len(NEED_A_PERSON) == 16
