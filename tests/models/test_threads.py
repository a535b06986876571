"""The number of threads follows the load, and changes no result."""

import threading
import time

import numpy as np
import pytest
import torch

import dlproc as dl
from dlproc.features.backbone import read_backbone
from dlproc.models.threads import Load, in_parallel, threads_by_load

CPU = torch.device("cpu")


class Clocks:
    """Time that passes when the test says so, and how much of it the processor gave."""

    def __init__(self):
        self.now = self.of_thread = self.of_process = 0.0
        self.load = Load(lambda: self.now, lambda: self.of_thread, lambda: self.of_process)

    def compute(self, seconds, share_of_thread, share_of_process, n_threads=2):
        """A computation that takes some seconds, in which thread and process get shares of what they ask for."""
        with self.load.observed(n_threads):
            self.now += seconds
            self.of_thread += seconds * share_of_thread
            self.of_process += seconds * n_threads * share_of_process


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_a_quiet_machine_keeps_all_threads():
    clocks = Clocks()
    for _ in range(50):
        clocks.compute(0.02, 1.0, 0.95)
        assert not clocks.load.is_busy()


@pytest.mark.parametrize(("of_thread", "of_process"), [(0.5, 0.7), (1.0, 0.7), (0.6, 1.0)])
def test_less_processor_time_than_asked_for_is_a_busy_machine(of_thread, of_process):
    """Either is enough: the thread that calls, or all that compute."""
    clocks = Clocks()
    clocks.compute(0.06, of_thread, of_process)
    assert not clocks.load.is_busy()  # too short to be judged
    clocks.compute(0.06, of_thread, of_process)
    assert clocks.load.is_busy()


def test_all_threads_are_tried_again_after_longer_and_longer_waits():
    clocks = Clocks()
    clocks.compute(0.2, 0.5, 0.5)
    for wait in (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0):
        clocks.now += wait - 0.01
        assert clocks.load.is_busy()
        clocks.now += 0.02
        assert not clocks.load.is_busy()
        clocks.compute(0.2, 0.5, 0.5)
    clocks.now += 31
    clocks.compute(0.2, 1.0, 1.0)  # the other programs have ended
    assert not clocks.load.is_busy()
    clocks.compute(0.2, 0.5, 0.5)
    clocks.now += 0.26
    assert not clocks.load.is_busy()  # the waits begin with the shortest again


def test_a_busy_machine_computes_with_one_thread_and_leaves_the_number_as_it_was(two_threads):
    clocks = Clocks()
    with threads_by_load(CPU, clocks.load):
        assert torch.get_num_threads() == 2
    clocks.compute(0.2, 0.5, 0.5)
    seen = []
    with pytest.raises(KeyboardInterrupt), threads_by_load(CPU, clocks.load):
        seen.append(torch.get_num_threads())
        other = threading.Thread(target=lambda: seen.append(torch.get_num_threads()))
        other.start()  # the first use of torch in a thread of the program, at this moment
        other.join()
        raise KeyboardInterrupt
    assert seen == [1, 2]
    assert torch.get_num_threads() == 2


def test_one_thread_stays_one():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threads_by_load(CPU, Load(clock=lambda: pytest.fail("nothing is measured"))):
            assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)


def test_results_come_in_order_and_each_worker_has_one_thread(two_threads):
    def compute(item):
        time.sleep(0.002 * (7 - item % 8))  # later ones are ready first
        return item, torch.get_num_threads()

    assert list(in_parallel(compute, range(30), 3)) == [(item, 1) for item in range(30)]
    assert torch.get_num_threads() == 2
    assert list(in_parallel(compute, range(3), 1)) == [(item, 2) for item in range(3)]


def test_no_more_items_are_taken_than_there_is_room_for():
    taken = []

    def items():
        for item in range(20):
            taken.append(item)
            yield item

    results = in_parallel(lambda item: item, items(), 2)
    assert next(results) == 0
    assert len(taken) <= 2 + 1 + 1
    results.close()
    assert len(taken) <= 2 + 1 + 1


def test_an_error_comes_in_its_turn_and_ends_the_work():
    def compute(item):
        if item == 3:
            raise dl.DLDataError("third", "a good one", "a bad one")
        return item

    results = in_parallel(compute, range(1000), 2)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(dl.DLDataError, match="third: expected a good one"):
        next(results)
    with pytest.raises(StopIteration):
        next(results)


@pytest.mark.parametrize("size", [(64, 64), (256, 128), (96, 160)])
def test_scores_and_what_is_learnt_do_not_depend_on_the_number_of_threads(size, two_threads):
    """What is learnt to the last bit, because each image is computed by one thread; scores to rounding."""
    generator = np.random.Generator(np.random.PCG64(3))
    width, height = size
    images = generator.normal(0, 0.4, (9, height, width, 3)).astype(np.float32)
    samples = [{"image": image} for image in images]
    learnt, scores = [], []
    for n_threads in (1, 2):
        torch.set_num_threads(n_threads)
        model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
        dl.set_dl_model_param(model, "image_size", [width, height])
        dl.train_dl_model_anomaly_dataset(model, samples[:8])
        learnt.append(model.reference.to_tree())
        scores.append(dl.apply_dl_model(model, samples[8])[0])
    for name in ("bank", "level", "spread", "mean", "whitening", "projection"):
        np.testing.assert_array_equal(learnt[0][name], learnt[1][name], err_msg=name)
    np.testing.assert_allclose(scores[0]["anomaly_image"], scores[1]["anomaly_image"], rtol=0, atol=1e-6)


def test_a_pointwise_convolution_is_the_matrix_product_it_is_computed_as():
    backbone = read_backbone("lite0", 3)
    images = torch.linspace(-1, 1, 2 * 3 * 32 * 64).view(2, 3, 32, 64)
    for layout in (torch.contiguous_format, torch.channels_last):
        features = images.contiguous(memory_format=layout)
        for layer in (module for module in backbone.modules() if hasattr(module, "conv")):
            conv = layer.conv
            if conv.kernel_size != (1, 1):
                continue
            given = features[:, :1].expand(-1, conv.in_channels, -1, -1).contiguous(memory_format=layout)
            expected = conv(given)
            expected = torch.nn.functional.hardtanh(expected, 0.0, 6.0) if layer.activate else expected
            torch.testing.assert_close(layer(given), expected, rtol=1e-5, atol=1e-5)
