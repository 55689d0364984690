import gc

from django.urls import get_resolver

from courtplan import serving


def test_a_worker_loads_all_pages_first_and_looks_through_them_no_more():
    try:
        serving.post_worker_init(worker=None)

        assert gc.get_freeze_count() > 100_000
        assert get_resolver().__dict__["url_patterns"]
    finally:
        gc.unfreeze()
