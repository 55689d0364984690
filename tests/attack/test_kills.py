"""Writers killed at random moments; benchmarks/kills.py kills a thousand of them."""

from tests.attack.writers import ground, kill_many, problems_of

N_KILLS = 25


def test_nothing_is_lost_doubled_or_half_done_when_writers_are_killed(transactional_db, settings, tmp_path):
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    journal = kill_many(ground(), n_kills=N_KILLS, longest=0.12)

    assert problems_of(journal) == []
    # They were killed at their work, and got on with it.
    assert sum(journal.killed_in.values()) > 0
    assert sum(journal.done.values()) > N_KILLS / 5
