"""What a job costs in calls, commits and decodings: counted, not timed."""

from collections import Counter
from pathlib import Path

from automask import images
from automask.errors import UnfinishedError
from automask.jobs import deliver
from automask.ledger import JobState
from automask.ledger import ledger as ledger_module


def test_a_job_takes_one_submit_one_look_and_a_download_for_each_picture(shop):
    asked = len(shop.sandbox.requests)
    shop.finish(*(shop.place(f"job {number}") for number in range(5)))
    calls = Counter(request.call for request in shop.sandbox.requests[asked:])
    assert calls == {"submit": 5, "fetch": 5, "download": 20}


def test_a_job_is_committed_when_placed_claimed_answered_and_done(shop, monkeypatch):
    begun, transaction = [], ledger_module.transaction

    def counted(db, begin, wait_s):
        begun.append(begin)
        return transaction(db, begin, wait_s)

    monkeypatch.setattr(ledger_module, "transaction", counted)
    shop.one(shop.place())
    assert begun.count("BEGIN IMMEDIATE") == 4


def test_each_result_is_decoded_once(shop, monkeypatch):
    seen, decode = [], deliver.decode

    def counted(data, name):
        seen.append(data)
        return decode(data, name)

    monkeypatch.setattr(deliver, "decode", counted)
    monkeypatch.setattr("automask.images.decode.decode", counted)
    entry = shop.place()
    done, _ = shop.one(entry)
    results = [Path(place).read_bytes() for place in done.results]
    assert sorted(map(seen.count, results)) == [1, 1, 1, 1]
    # And the parent; the sandbox decodes the mask, which is WebP, in this process too.
    assert sum(data.startswith(b"\x89PNG") for data in seen) == 5


def test_a_result_that_is_damaged_inside_is_not_taken_for_delivered(shop, monkeypatch):
    provider = type(shop.desk.provider)
    pictures = provider.pictures

    def damaged(self, progress):
        first, *others = pictures(self, progress)
        place = first.index(b"IDAT") + 20
        return (*others, first[:place] + bytes([first[place] ^ 255]) + first[place + 1 :])

    monkeypatch.setattr(provider, "pictures", damaged)
    done, error = shop.one(shop.place())
    assert isinstance(error, UnfinishedError)
    assert "damaged" in str(error)
    assert done.state is JobState.RUNNING
    monkeypatch.setattr(provider, "pictures", pictures)
    done, error = shop.one(done)
    assert (done.state, error) == (JobState.DONE, None)
    assert all(images.load(place).shape == (24, 36) for place in done.results)
    assert shop.sandbox.billed == {done.ref: 1}
