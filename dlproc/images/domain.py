"""The domain: where an image counts, as a bool mask (H, W)."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray


class ImageWithDomain(np.ndarray[Any, Any]):
    """An image (H, W) or (H, W, C) of which only some pixels count, as HALCON's reduce_domain leaves it.

    It is an array like any other, with the attribute `domain`. The rule is simple: what is computed from it is a plain
    array without a domain, because slices, flips and reductions move pixels. Kept is the domain by ``copy()``,
    ``astype()``, ``copy.copy``, ``copy.deepcopy``, pickling, and by what writes into the image, such as ``image += 1``.
    `with_domain` makes such images.

    Attributes
    ----------
    domain : array (H, W), bool, or None
        Read-only. None for everything, which only views made by numpy itself have.
    """

    domain: NDArray[np.bool_] | None

    def __array_finalize__(self, source: Any) -> None:
        self.domain = None

    def __getitem__(self, index: Any) -> Any:
        return np.asarray(self)[index]

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        given = [_plain(one) for one in inputs]
        if "where" in options:
            options["where"] = _plain(options["where"])
        if out is None:
            return getattr(ufunc, method)(*given, **options)
        getattr(ufunc, method)(*given, out=tuple(_plain(one) for one in out), **options)
        return out[0] if len(out) == 1 else out

    def copy(self, order: Any = "C") -> Any:
        return with_domain(np.asarray(self).copy(order), self.domain)

    def astype(self, *arguments: Any, **options: Any) -> Any:
        return with_domain(np.asarray(self).astype(*arguments, **options), self.domain)

    def __copy__(self) -> Any:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any] | None) -> Any:
        return self.copy()

    def __reduce__(self) -> tuple[Any, ...]:
        return with_domain, (np.asarray(self), None if self.domain is None else np.asarray(self.domain))


def with_domain(image: NDArray[Any], domain: NDArray[np.bool_] | None) -> NDArray[Any]:
    """The image, its pixels shared, with a domain (H, W), which is copied; a plain array where that is everything."""
    plain = np.asarray(image)
    if domain is None or domain.all():
        return plain
    if domain.dtype != bool or domain.shape != plain.shape[:2]:
        raise ValueError(f"a domain of shape {plain.shape[:2]} and type bool, not {domain.shape} and {domain.dtype}")
    image_with_domain = plain.view(ImageWithDomain)
    kept = np.array(domain)
    kept.setflags(write=False)
    image_with_domain.domain = kept
    return cast(NDArray[Any], image_with_domain)


def domain_of_image(image: object) -> NDArray[np.bool_] | None:
    """Where an image counts, (H, W); None for everything."""
    return image.domain if isinstance(image, ImageWithDomain) else None


def intersected(first: NDArray[np.bool_] | None, second: NDArray[np.bool_] | None) -> NDArray[np.bool_] | None:
    """What belongs to both domains of one size; None stands for everything."""
    if first is None or second is None:
        return second if first is None else first
    return first & second


def _plain(value: Any) -> Any:
    return np.asarray(value) if isinstance(value, ImageWithDomain) else value


def bounding_box(domain: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Rows and columns of the smallest rectangle around the domain, which must not be empty."""
    rows, columns = np.flatnonzero(domain.any(axis=1)), np.flatnonzero(domain.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def cells_inside(domain: NDArray[np.bool_], n_rows: int, n_columns: int) -> NDArray[np.bool_]:
    """Cells of a grid over the image that hold at least one pixel of the domain.

    Parameters
    ----------
    domain : array (H, W), bool
        H and W are multiples of `n_rows` and `n_columns`.
    """
    cells = domain.reshape(n_rows, domain.shape[0] // n_rows, n_columns, domain.shape[1] // n_columns)
    touched: NDArray[np.bool_] = np.any(cells, axis=(1, 3))
    return touched
