"""Every cell of the table in docs/images.md: written by a second library or byte by byte, read by `read_image`."""

import io
import logging
import warnings

import image_writers as by_hand
import numpy as np
import pytest
import tifffile
from PIL import Image

import dlproc as dl

HEIGHT, WIDTH = 23, 37  # odd, and not square: what is turned or transposed has another shape
RANDOM = np.random.Generator(np.random.PCG64(5))


def noise(*channels, dtype=np.uint8, high=None):
    if np.dtype(dtype).kind == "f":
        return RANDOM.normal(100, 50, (HEIGHT, WIDTH, *channels)).astype(dtype)
    info = np.iinfo(dtype)
    return RANDOM.integers(
        info.min, info.max if high is None else high, (HEIGHT, WIDTH, *channels), dtype, endpoint=True
    )


def smooth(*channels):
    """Grey that a lossy format keeps nearly."""
    plane = np.add.outer(np.arange(HEIGHT) * 3, np.arange(WIDTH) * 2).astype(np.uint8)
    return np.repeat(plane[:, :, None], channels[0], axis=2) if channels else plane


def pillow(mode, pixels, kind, **options):
    buffer = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


def tiff(pixels, **options):
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, pixels, **options)
    return buffer.getvalue()


def jpeg_2000(pixels, bits):
    """A lossless codestream of these bits, out of one with 16: the decoder adds half of the range."""
    shifted = pixels.astype(int) + 2**15 - 2 ** (bits - 1)
    data = bytearray(pillow("I;16", shifted.astype(np.uint16), "JPEG2000", no_jp2=True, irreversible=False))
    place = data.find(b"\xff\x51")
    assert data[place + 40] == 15
    data[place + 40] = bits - 1
    return bytes(data)


GREY, COLOUR, ALPHA = noise(), noise(3), noise(4)
DEEP, DEEP_COLOUR, DEEP_ALPHA, DEEP_5 = (noise(*n, dtype=np.uint16) for n in ((), (3,), (4,), (5,)))
DEEP_GREY_ALPHA = noise(2, dtype=np.uint16)
TWELVE = noise(dtype=np.uint16, high=4095)
PALETTE = Image.fromarray(COLOUR).quantize(16)
CMYK = Image.fromarray(COLOUR).convert("CMYK")
BILEVEL = GREY > 127
TYPES = (
    np.uint8,
    np.uint16,
    np.uint32,
    np.uint64,
    np.int8,
    np.int16,
    np.int32,
    np.int64,
    np.float16,
    np.float32,
    np.float64,
)
OF_TYPE = {np.dtype(dtype).name: (noise(dtype=dtype), noise(3, dtype=dtype)) for dtype in TYPES}


def saved(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def ascii_pnm(kind, largest, pixels):
    words = " ".join(map(str, pixels.ravel().tolist()))
    return f"P{kind}\n# by hand\n{WIDTH} {HEIGHT}\n{largest}\n{words}\n".encode()


def binary_pnm(kind, largest, pixels):
    return f"P{kind} {WIDTH} {HEIGHT} {largest}\n".encode() + pixels.astype(">u2" if largest > 255 else "u1").tobytes()


def with_small_version(pixels):
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer) as writer:
        writer.write(pixels[::2, ::2], photometric="rgb", subfiletype=1)
        writer.write(pixels, photometric="rgb")
    return buffer.getvalue()


EXACT = {
    # PNG
    "png grey 8": (pillow("L", GREY, "PNG"), GREY),
    "png grey 16": (pillow("I;16", DEEP, "PNG"), DEEP),
    "png colour 8": (pillow("RGB", COLOUR, "PNG"), COLOUR),
    "png grey alpha 8": (saved(Image.fromarray(ALPHA[:, :, :2].copy(), "LA"), "PNG"), ALPHA[:, :, 0]),
    "png colour alpha 8": (pillow("RGBA", ALPHA, "PNG"), ALPHA[:, :, :3]),
    "png bilevel": (saved(Image.fromarray(BILEVEL), "PNG"), BILEVEL * np.uint8(255)),
    "png palette": (saved(PALETTE, "PNG"), np.array(PALETTE.convert("RGB"))),
    "png colour 16": (by_hand.png(DEEP_COLOUR, 2), DEEP_COLOUR),
    "png colour 16 interlaced": (by_hand.png(DEEP_COLOUR, 2, interlaced=True), DEEP_COLOUR),
    "png grey 16 interlaced": (by_hand.png(DEEP[:, :, None], 0, interlaced=True), DEEP),
    "png grey alpha 16": (by_hand.png(DEEP_GREY_ALPHA, 4), DEEP_GREY_ALPHA[:, :, 0]),
    "png colour alpha 16": (by_hand.png(DEEP_ALPHA, 6), DEEP_ALPHA[:, :, :3]),
    # TIFF: types
    **{f"tif grey {name}": (tiff(grey), grey) for name, (grey, _) in OF_TYPE.items()},
    **{f"tif colour {name}": (tiff(colour, photometric="rgb"), colour) for name, (_, colour) in OF_TYPE.items()},
    "tif bilevel": (saved(Image.fromarray(BILEVEL), "TIFF"), BILEVEL * np.uint8(255)),
    "tif bilevel fax": (saved(Image.fromarray(BILEVEL), "TIFF", compression="group4"), BILEVEL * np.uint8(255)),
    "tif palette": (saved(PALETTE, "TIFF"), np.array(PALETTE.convert("RGB"))),
    "tif cmyk": (saved(CMYK, "TIFF"), np.array(CMYK.convert("RGB"))),
    "tif grey alpha 8": (saved(Image.fromarray(ALPHA[:, :, :2].copy(), "LA"), "TIFF"), ALPHA[:, :, 0]),
    "tif grey premultiplied alpha": (
        tiff(ALPHA[:, :, :2], photometric="minisblack", extrasamples=["assocalpha"]),
        ALPHA[:, :, 0],
    ),
    "tif grey alpha 16": (
        tiff(DEEP_GREY_ALPHA, photometric="minisblack", extrasamples=["unassalpha"]),
        DEEP_GREY_ALPHA[:, :, 0],
    ),
    "tif colour alpha 16": (tiff(DEEP_ALPHA, photometric="rgb", extrasamples=["unassalpha"]), DEEP_ALPHA[:, :, :3]),
    # TIFF: how it is stored
    "tif grey 16 white is zero": (tiff(65535 - DEEP, photometric="miniswhite"), DEEP),
    "tif grey 8 white is zero": (tiff(255 - GREY, photometric="miniswhite"), GREY),
    "tif grey 8 white is zero lzw": (by_hand.tiff(255 - GREY[:, :, None], photometric=0, compression=5), GREY),
    "tif grey 16 white is zero lzw": (by_hand.tiff(65535 - DEEP[:, :, None], photometric=0, compression=5), DEEP),
    "tif colour 16 planar": (
        tiff(np.moveaxis(DEEP_COLOUR, 2, 0), photometric="rgb", planarconfig="separate"),
        DEEP_COLOUR,
    ),
    "tif colour 16, 3 rows": (tiff(DEEP_COLOUR[:3], photometric="rgb"), DEEP_COLOUR[:3]),
    "tif colour 16 planar, 3 rows": (
        tiff(np.moveaxis(DEEP_COLOUR[:3], 2, 0), photometric="rgb", planarconfig="separate"),
        DEEP_COLOUR[:3],
    ),
    "tif colour 16 planar big-endian": (
        tiff(np.moveaxis(DEEP_COLOUR, 2, 0), photometric="rgb", planarconfig="separate", byteorder=">"),
        DEEP_COLOUR,
    ),
    "tif grey 16 big-endian": (tiff(DEEP, byteorder=">"), DEEP),
    "tif colour 16 bigtiff": (tiff(DEEP_COLOUR, photometric="rgb", bigtiff=True), DEEP_COLOUR),
    "tif colour 16 tiles": (tiff(DEEP_COLOUR, photometric="rgb", tile=(16, 16)), DEEP_COLOUR),
    "tif colour 16 deflate": (tiff(DEEP_COLOUR, photometric="rgb", compression="zlib"), DEEP_COLOUR),
    "tif colour 16 lzw": (by_hand.tiff(DEEP_COLOUR, compression=5), DEEP_COLOUR),
    "tif colour 16 lzw predictor": (by_hand.tiff(DEEP_COLOUR, compression=5, predictor=2), DEEP_COLOUR),
    "tif colour 16 lzw big-endian": (by_hand.tiff(DEEP_COLOUR, compression=5, byte_order=">"), DEEP_COLOUR),
    "tif colour alpha 16 lzw": (by_hand.tiff(DEEP_ALPHA, compression=5, tags=[(338, 3, [2])]), DEEP_ALPHA[:, :, :3]),
    "tif grey 16 lzw": (by_hand.tiff(DEEP[:, :, None], photometric=1, compression=5), DEEP),
    "tif grey 16 lzw big-endian": (by_hand.tiff(DEEP[:, :, None], 1, 5, byte_order=">", predictor=2), DEEP),
    "tif grey 8 lzw": (saved(Image.fromarray(GREY), "TIFF", compression="tiff_lzw"), GREY),
    "tif colour 8 packbits": (saved(Image.fromarray(COLOUR), "TIFF", compression="packbits"), COLOUR),
    "tif grey real lzw": (
        saved(Image.fromarray(OF_TYPE["float32"][0]), "TIFF", compression="tiff_lzw"),
        OF_TYPE["float32"][0],
    ),
    "tif with a small version": (with_small_version(COLOUR), COLOUR),
    # PNM
    "pgm 8": (binary_pnm(5, 255, GREY), GREY),
    "ppm 8": (binary_pnm(6, 255, COLOUR), COLOUR),
    "pgm 16": (binary_pnm(5, 65535, DEEP), DEEP),
    "pgm 12": (binary_pnm(5, 4095, TWELVE), TWELVE),
    "ppm 16": (binary_pnm(6, 65535, DEEP_COLOUR), DEEP_COLOUR),
    "pgm 16 as text": (ascii_pnm(2, 65535, DEEP), DEEP),
    "ppm 16 as text": (ascii_pnm(3, 65535, DEEP_COLOUR), DEEP_COLOUR),
    "pbm": (saved(Image.fromarray(BILEVEL), "PPM"), BILEVEL * np.uint8(255)),
    # JPEG 2000
    "jp2 grey 8": (pillow("L", GREY, "JPEG2000", irreversible=False), GREY),
    "jp2 colour 8": (pillow("RGB", COLOUR, "JPEG2000", irreversible=False), COLOUR),
    "jp2 grey 16": (pillow("I;16", DEEP, "JPEG2000", irreversible=False), DEEP),
    **{
        f"j2k grey {bits}": (jpeg_2000(values, bits), values)
        for bits in range(9, 16)
        for values in [noise(dtype=np.uint16, high=2**bits - 1)]
    },
    # 8 bits in other formats
    "bmp grey": (pillow("L", GREY, "BMP"), GREY),
    "bmp colour": (pillow("RGB", COLOUR, "BMP"), COLOUR),
    "gif": (saved(PALETTE, "GIF"), np.array(PALETTE.convert("RGB"))),
    "pcx": (pillow("RGB", COLOUR, "PCX"), COLOUR),
    "tga": (pillow("RGB", COLOUR, "TGA"), COLOUR),
    "sgi": (pillow("RGB", COLOUR, "SGI"), COLOUR),
    "webp": (pillow("RGB", COLOUR, "WEBP", lossless=True), COLOUR),
    "webp alpha": (pillow("RGBA", ALPHA | np.uint8([0, 0, 0, 255]), "WEBP", lossless=True), ALPHA[:, :, :3]),
}


@pytest.mark.parametrize("cell", EXACT)
def test_every_gray_value_is_the_one_that_was_written(cell, tmp_path, caplog):
    data, expected = EXACT[cell]
    path = tmp_path / f"image.{cell.split()[0]}"
    path.write_bytes(data)
    image = dl.read_image(path)
    np.testing.assert_array_equal(image, expected)
    assert (image.dtype, image.flags.writeable, image.flags.c_contiguous) == (expected.dtype, True, True)
    assert not caplog.records


LOSSY = {
    "jpg grey": (pillow("L", smooth(), "JPEG", quality=95), smooth()),
    "jpg colour": (pillow("RGB", smooth(3), "JPEG", quality=95), smooth(3)),
    "jpg progressive": (pillow("RGB", smooth(3), "JPEG", quality=95, progressive=True), smooth(3)),
    "jpg cmyk": (pillow("CMYK", smooth(3), "JPEG", quality=95), smooth(3)),
    "tif jpeg": (pillow("L", smooth(), "TIFF", compression="jpeg", quality=95), smooth()),
    "jpg of a camera": (
        saved(Image.fromarray(smooth(3)), "MPO", save_all=True, append_images=[Image.fromarray(COLOUR)], quality=95),
        smooth(3),
    ),
}


@pytest.mark.parametrize("cell", LOSSY)
def test_lossy_formats(cell, tmp_path, caplog):
    data, expected = LOSSY[cell]
    path = tmp_path / f"image.{cell.split()[0]}"
    path.write_bytes(data)
    image = dl.read_image(path)
    assert (image.dtype, image.shape) == (expected.dtype, expected.shape)
    assert abs(image.astype(int) - expected).max() <= 6
    assert not caplog.records


def sgi_16():
    data = bytearray(pillow("L", GREY, "SGI"))
    data[3] = 2
    return bytes(data) + bytes(HEIGHT * WIDTH)


REFUSED = {
    "tif 5 channels": (tiff(DEEP_5, photometric="minisblack", planarconfig="contig"), "5 channels that are no colours (save the one that is meant, or red, green and blue)"),
    "tif complex": (tiff(GREY.astype(np.complex64)), "gray values that are complex numbers, or of an unknown type"),
    "tif two pages": (tiff(np.stack([GREY, GREY]), photometric="minisblack"), "2 pages"),
    "tif colour 16 cmyk": (tiff(DEEP_ALPHA, photometric="separated"), "16 bits of SEPARATED (pip install imagecodecs, or save it without compression)"),
    "j2k sign": (None, "a JPEG 2000 image whose gray values have a sign (save it as TIFF or PNG, which are read with 16 bits)"),
    "gif two pages": (saved(PALETTE, "GIF", save_all=True, append_images=[Image.fromarray(GREY)]), "2 pages"),
    "sgi 16": (sgi_16(), "an SGI image of 16 bits (save it as TIFF or PNG, which are read with 16 bits)"),
}  # fmt: skip


def signed_jpeg_2000():
    data = bytearray(jpeg_2000(TWELVE, 12))
    data[data.find(b"\xff\x51") + 40] |= 128
    return bytes(data)


@pytest.mark.parametrize("cell", REFUSED)
def test_what_would_lose_gray_values_is_refused(cell, tmp_path):
    data, got = REFUSED[cell]
    path = tmp_path / f"image.{cell.split()[0]}"
    path.write_bytes(data or signed_jpeg_2000())
    with pytest.raises(dl.DLFileError) as caught:
        dl.read_image(path)
    assert str(caught.value) == f"{path}: expected one complete image, grey or colour; got {got}"


def test_channels_that_are_no_colours_are_left_out_with_a_remark(tmp_path, caplog):
    path = tmp_path / "five.tif"
    path.write_bytes(tiff(DEEP_5, photometric="rgb"))
    np.testing.assert_array_equal(dl.read_image(path), DEEP_5[:, :, :3])
    assert caplog.messages == [f"{path}: 2 of 5 channels are neither colours nor transparency, and are left out"]


# ------------------------------------------------------------------------------------------------------------ orientation

TURNED = {
    "jpg grey": (lambda n: pillow("L", smooth(), "JPEG", quality=95, exif=exif(n)), smooth()),
    "jpg colour": (lambda n: pillow("RGB", smooth(3), "JPEG", quality=95, exif=exif(n)), smooth(3)),
    "png grey": (lambda n: pillow("L", GREY, "PNG", exif=exif(n)), GREY),
    "png grey 16": (lambda n: pillow("I;16", DEEP, "PNG", exif=exif(n)), DEEP),
    "png colour": (lambda n: pillow("RGB", COLOUR, "PNG", exif=exif(n)), COLOUR),
    "webp colour": (lambda n: pillow("RGB", COLOUR, "WEBP", lossless=True, exif=exif(n)), COLOUR),
    **{
        f"tif {name} {kind} {order}": (
            lambda n, pixels=pixels, photometric=photometric, compression=compression, order=order: by_hand.tiff(
                pixels, photometric, compression, [(274, 3, [n])], order
            ),
            pixels[:, :, 0] if pixels.shape[2] == 1 else pixels,
        )
        for name, pixels, photometric in [
            ("grey 8", GREY[:, :, None], 1),
            ("grey 16", DEEP[:, :, None], 1),
            ("colour 8", COLOUR, 2),
            ("colour 16", DEEP_COLOUR, 2),
        ]
        for kind, compression in (("raw", 1), ("lzw", 5))
        for order in "<>"
    },
    "tif bilevel": (lambda n: saved(Image.fromarray(BILEVEL), "TIFF", tiffinfo={274: n}), BILEVEL * np.uint8(255)),
    "tif palette": (lambda n: saved(PALETTE, "TIFF", tiffinfo={274: n}), np.array(PALETTE.convert("RGB"))),
}


def exif(orientation):
    tags = Image.Exif()
    tags[274] = orientation
    return tags.tobytes()


@pytest.mark.parametrize("cell", TURNED)
def test_no_image_is_turned_and_a_tag_is_remarked(cell, tmp_path, caplog):
    make, expected = TURNED[cell]
    path = tmp_path / f"image.{cell.split()[0]}"
    for orientation in range(1, 9):
        path.write_bytes(make(orientation))
        caplog.clear()
        image = dl.read_image(path)
        assert (image.shape, image.dtype) == (expected.shape, expected.dtype)
        assert abs(image.astype(int) - expected).max() <= (6 if cell.startswith("jpg") else 0)
        text = f"{path}: a tag says orientation {orientation}; images are read as stored, not turned"
        assert caplog.messages == ([] if orientation == 1 else [text])


# ------------------------------------------------------------------------------------------------------- damage and size


def test_jpeg_with_a_broken_scan_is_remarked(tmp_path, caplog):
    large = np.clip(RANDOM.normal(128, 40, (200, 240)), 0, 255).astype(np.uint8)
    for mode in ("L", "RGB", "CMYK"):
        data = pillow(mode, large, "JPEG", quality=90)
        path = tmp_path / f"{mode}.jpg"
        path.write_bytes(data)
        caplog.clear()
        dl.read_image(path)
        assert not caplog.records
        middle = len(data) // 2
        damages = {
            "noise": data[:middle] + RANDOM.bytes(300) + data[middle + 300 :],
            "zeros": data[:middle] + bytes(300) + data[middle + 300 :],
            "missing": data[:middle] + data[middle + 2000 :],
            "end": data[:middle] + data[-2:],
            "twice": data[:middle] + data[middle - 1000 :],
        }
        for name, damaged in damages.items():
            path.write_bytes(damaged)
            caplog.clear()
            try:
                dl.read_image(path)
            except dl.DLFileError:
                continue
            expected = f"{path}: a part of its pixels is damaged or missing, and was guessed"
            assert caplog.messages == [expected], name


@pytest.mark.parametrize(
    "cell",
    ["tif colour uint16", "tif colour 16 deflate", "tif colour 16 lzw", "png colour 16", "ppm 16", "ppm 16 as text"],
)
def test_a_file_that_is_cut_off_is_an_error(cell, tmp_path):
    path, (data, _) = tmp_path / "cut", EXACT[cell]
    path.write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(dl.DLFileError):
        dl.read_image(path)


def test_the_limit_is_the_systems(tmp_path):
    path = tmp_path / "large.png"
    Image.new("1", (20000, 10000)).save(path)
    deep = tmp_path / "deep.tif"
    tifffile.imwrite(deep, np.zeros((2000, 1001), np.uint16))
    before = dl.get_system("max_image_megapixels")
    assert before == 500
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert dl.read_image(path).shape == (10000, 20000)
    try:
        dl.set_system("max_image_megapixels", 2)
        with pytest.raises(dl.DLFileError) as caught:
            dl.read_image(path)
        assert str(caught.value) == (
            f"{path}: expected an image of at most 2 megapixels; got 20000 x 10000, 200.0 megapixels "
            "(set_system('max_image_megapixels', 200) allows it)"
        )
        with pytest.raises(
            dl.DLFileError, match=r"got 1001 x 2000, 2\.0 megapixels \(set_system\('max_image_megapixels', 3\)"
        ):
            dl.read_image(deep)
    finally:
        dl.set_system("max_image_megapixels", before)
    for wrong in (0, -1, "many", True, float("inf")):
        with pytest.raises(dl.DLParamError, match="expected a number above 0"):
            dl.set_system("max_image_megapixels", wrong)


def test_damaged_exif_is_no_fault_of_the_pixels(tmp_path):
    """And Pillow's warning about it reaches nobody."""
    path = tmp_path / "image.jpg"
    path.write_bytes(pillow("L", smooth(), "JPEG", quality=95, exif=exif(6)[:-10]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert dl.read_image(path).shape == (HEIGHT, WIDTH)


def test_remarks_go_to_one_logger(tmp_path, caplog):
    path = tmp_path / "image.png"
    path.write_bytes(TURNED["png grey"][0](6))
    dl.read_image(path)
    (record,) = caplog.records
    assert (record.name, record.levelno, record.kind) == ("dlproc", logging.WARNING, "orientation")
