"""dlproc: HALCON's dictionary-based, procedural way of doing deep learning for image anomaly detection, in Python.

``import dlproc as dl`` gives every operator and procedure as a flat name, ``dl.read_dl_model``,
``dl.split_dl_dataset``. They are loaded when first used, so that importing dlproc is quick and does not import torch.
The names
stand in ``__init__.pyi``, once, for this module and for type checkers.
"""

from pathlib import Path

import lazy_loader

from dlproc.version import __version__ as __version__

# In a checkout the procedures lie beside this package, not in it; an installation puts them here as dlproc.procedures.
_checkout = Path(__file__).resolve().parent.parent
if not (_checkout / "dlproc" / "procedures").is_dir() and (_checkout / "pyproject.toml").is_file():
    __path__.append(str(_checkout))

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
