"""Images with a domain in files."""

import numpy as np
import pytest
from PIL import Image

import dlproc as dl
from dlproc.io import container
from dlproc.io.container import read_header


@pytest.fixture
def image():
    generator = np.random.Generator(np.random.PCG64(5))
    pixels = generator.random((7, 9, 3)).astype(np.float32)
    return dl.reduce_domain(pixels, dl.gen_circle(3, 4, 2.5))


def test_a_dictionary_keeps_the_domain_to_the_last_bit(tmp_path, image):
    file = tmp_path / "sample.hdict"
    content = {"image": image, "plain": np.asarray(image), "list": [image, image[:, :, 0]], "nested": {"$domain": 1}}
    dl.write_dict(content, file)
    read = dl.read_dict(file)
    for one in (read["image"], read["list"][0]):
        assert one.dtype == np.float32
        assert one.tobytes() == image.tobytes()
        assert one.domain.tobytes() == image.domain.tobytes()
    assert type(read["plain"]) is np.ndarray
    assert type(read["list"][1]) is np.ndarray
    assert read["nested"] == {"$domain": 1}


def test_only_files_with_domains_are_new(tmp_path, image):
    """So older versions read all others, and say of these that they need a newer one."""
    dl.write_dict({"image": np.asarray(image), "$domain": "x"}, tmp_path / "plain.hdict")
    dl.write_dict({"image": image}, tmp_path / "reduced.hdict")
    versions = [read_header(tmp_path / name)["format_version"] for name in ("plain.hdict", "reduced.hdict")]
    assert versions == [1, 2]


def test_copies_of_dictionaries(image):
    sample = {"image": image}
    assert dl.copy_dict(sample)["image"] is image
    copied = dl.copy_dict(sample, ["deep"], [True])["image"]
    assert copied is not image
    np.testing.assert_array_equal(copied.domain, image.domain)
    dl.set_dict_object(image, sample, "other")
    assert dl.get_dict_object(sample, "other").domain is image.domain


def test_regions_and_contours_are_objects():
    region, contour = dl.gen_circle(3, 3, 2), dl.gen_contour_polygon_xld([0, 5], [0, 5])
    handle = dl.create_dict()
    for one in (region, contour, [region, contour], np.zeros((2, 2))):
        dl.set_dict_object(one, handle, "object")
        assert dl.get_dict_object(handle, "object") is one
        assert dl.get_dict_param(handle, "key_data_type", "object") == "object"
    dl.set_dict_object(region, handle, "region")
    with pytest.raises(dl.DLDictError) as caught:
        dl.get_dict_tuple(handle, "region")
    assert str(caught.value) == (
        "dict_handle['region']: expected a tuple; got an object, <Region of 12 pixels, 4 x 4 at (1, 1)> "
        "(get_dict_object reads it)"
    )
    with pytest.raises(dl.DLDictError) as caught:
        dl.set_dict_tuple(handle, "tuple", [1, region])
    assert str(caught.value) == (
        "dict_handle['tuple'][1]: expected a number, a text or a handle; got <Region of 12 pixels, 4 x 4 at (1, 1)> "
        "(set_dict_object stores images and regions)"
    )


def test_a_picture_is_filled_outside_of_the_domain(tmp_path):
    image = dl.reduce_domain(np.full((3, 4), 7, np.uint8), dl.gen_rectangle1(0, 0, 1, 1))
    dl.write_image(image, "png", 200, tmp_path / "a.png")
    np.testing.assert_array_equal(
        np.array(Image.open(tmp_path / "a.png")), [[7, 7, 200, 200], [7, 7, 200, 200], [200] * 4]
    )
    assert image[2, 3] == 7
    with pytest.raises(dl.DLParamError) as caught:
        dl.write_image(image, "png", 256, tmp_path / "b.png")
    assert str(caught.value) == "fill_color: expected an integer in [0, 255]; got 256"


def test_a_domain_of_another_size_is_a_damaged_file(tmp_path):
    """Nothing here writes it; whoever does gets an error, not an image that counts somewhere else."""
    file = tmp_path / "crafted.hdict"
    arrays = [np.zeros((2, 3)), np.zeros((3, 2), bool)]
    file.write_bytes(container._to_bytes({"image": {"$array": 0, "$domain": 1}}, arrays, "dict", ""))
    with pytest.raises(dl.DLFileError) as caught:
        dl.read_dict(file)
    assert str(caught.value) == (
        f"{file}: expected domains of the sizes of their images; got others "
        "(the file is damaged; take a copy or write it anew)"
    )
    assert caught.value.halcon_code == 7780
