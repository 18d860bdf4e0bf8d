"""The ledger against a model: any order of calls, by two processes' ledgers that come and go."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from automask.errors import TransitionError
from automask.ledger import TRANSITIONS, WITH_HANDLE, JobState, Ledger, Order

S = JobState
MEMORY = Path("/dev/shm")  # noqa: S108  (no disk to wait for, where there is one)
ends = st.integers(0, 1)


class LedgerMachine(RuleBasedStateMachine):
    """Two ledgers of one file; `rows` is what they must say."""

    refs = Bundle("refs")

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.ledgers = [Ledger(self.folder / "l"), Ledger(self.folder / "l")]
        self.rows = {}  # ref to [state, handle, who submits it, how often it was sent]

    def teardown(self):
        for ledger in self.ledgers:
            ledger.close()
        shutil.rmtree(self.folder)

    @rule(target=refs, key=st.sampled_from("ab"), who=ends, plan=st.booleans(), again=st.booleans())
    def add(self, key, who, plan, again):
        start = S.PLANNED if plan else S.MASKED
        entry = self.ledgers[who].add(Order(key=key, provider="p"), state=start, again=again)
        mine = [ref for ref in self.rows if ref.split(".")[0] == key]
        if mine and not again:
            assert entry.ref == mine[-1]
            return multiple()
        assert entry.ref == (f"{key}.{len(mine)}" if mine else key)
        self.rows[entry.ref] = [start, "", None, 0]
        return entry.ref

    @rule(ref=refs, who=ends)
    def mask(self, ref, who):
        def call():
            return self.ledgers[who].masked(ref, key=ref[0], mask_sha256="", coverage=0.5)

        if self.rows[ref][0] is S.PLANNED:
            assert call().ref == ref
            self.rows[ref][0] = S.MASKED
        else:
            with pytest.raises(TransitionError):
                call()

    @rule(ref=refs | st.just(""), who=ends)
    def claim(self, ref, who):
        ready = [
            r
            for r, row in self.rows.items()
            if row[0] is S.MASKED and not row[3] and ref in ("", r)
        ]
        entry = self.ledgers[who].claim(ref)
        assert (entry.ref if entry else None) == (min(ready, key=self.age) if ready else None)
        if entry:
            row = self.rows[entry.ref]
            self.rows[entry.ref] = [S.SUBMITTING, row[1], who, row[3] + 1]

    def age(self, ref):
        return list(self.rows).index(ref)

    @rule(
        ref=refs,
        who=ends,
        state=st.sampled_from(S),
        handled=st.booleans(),
        perhaps=st.booleans(),
    )
    def move(self, ref, who, state, handled, perhaps):
        old, handle, owner, sent = self.rows[ref]
        given = f"h-{ref}" if handled else ""
        fits = (
            state in TRANSITIONS[old]
            and state is not S.SUBMITTING
            and (old is not S.SUBMITTING or owner == who)
            and (state not in WITH_HANDLE or handled or handle)
            and (old is not S.MASKED or state not in WITH_HANDLE or sent)
        )
        if not fits:
            with pytest.raises(TransitionError):
                self.ledgers[who].move(ref, state, handle=given, perhaps_sent=perhaps)
            return
        entry = self.ledgers[who].move(ref, state, handle=given, perhaps_sent=perhaps)
        assert entry.state is state
        unsent = old is S.SUBMITTING and state is S.MASKED and not perhaps
        self.rows[ref] = [state, handle or given, None, sent - unsent]

    @rule(who=ends)
    def stop_and_start(self, who):
        """A process ends, and another one comes: what it was submitting is in doubt."""
        self.ledgers[who].close()
        self.ledgers[who] = Ledger(self.folder / "l")
        for row in self.rows.values():
            if row[0] is S.SUBMITTING and row[2] == who:
                row[0], row[2] = S.IN_DOUBT, None

    @invariant()
    def both_say_what_the_model_says(self):
        for ledger in self.ledgers:
            told = {entry.ref: [entry.state, entry.handle] for entry in ledger.jobs()}
            assert told == {ref: row[:2] for ref, row in self.rows.items()}

    @invariant()
    def nothing_was_sent_twice(self):
        assert all(row[3] <= 1 for row in self.rows.values())

    @invariant()
    def an_intent_is_kept_of_all_that_may_have_been_sent(self):
        for entry in self.ledgers[0].jobs():
            assert (entry.intent_at is not None) == (self.rows[entry.ref][3] == 1)


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(stateful_step_count=30)
