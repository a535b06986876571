"""HALCON's tuple functions, ``tuple_*``, on plain Python lists and scalars.

A *tuple* is a flat list of integers, reals, strings and handles; an int, a float or a str alone counts as a tuple of
one, ``None`` and ``[]`` as the empty one. Every function takes tuples and **returns a list**, also where HALCON's
result is one number: ``tuple_length([4, 5])`` is ``[2]``. (`tuple_histo_range` returns two results, so a pair of
lists.)

Rules of the whole family, as in HALCON:

- two tuples are combined element by element; a tuple of one goes with every element of the other; other lengths are an
  error (halcon_code 1402). If one of them is empty, so is the result, where a function says nothing else.
- integers have 64 bits and wrap around at the end, as in C; integer with integer stays an integer, and a quotient is
  cut towards zero; with a real the result is real.
- ``+`` joins as soon as one side is a string.
- true and false are the integers 1 and 0.

What differs: a Python bool is taken for 1 or 0, and numpy's scalars and arrays of one axis for their numbers, which the
official bindings refuse. A function that has no value, such as the root of -1, or none that a real can hold, is an
error, and so is a division by zero. Strings are always sequences of code points. What is no number, no string and no
sequence is a handle; a dictionary is one.

Errors are `DLParamError` with HALCON's number for parameter *n*: 1200 + n wrong type, 1300 + n wrong value, 1400 + n
wrong number of values. Nothing that is given is changed.
"""
