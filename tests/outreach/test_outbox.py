"""The outbox from approval to settled: what is claimed, what is not, and that nobody gets anything twice."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from campaigns.consent.events import Act, Channel
from campaigns.consent.standing import withdraw
from campaigns.outreach import approval, control, drafting, launch, receipts
from campaigns.outreach.budget import BudgetSpent
from campaigns.outreach.campaigns import Budget, State, WrongState
from campaigns.outreach.claim import Slice, claim_slice
from campaigns.outreach.deliveries import Delivery, DeliveryState
from campaigns.outreach.look import Sight, last_look
from campaigns.outreach.progress import progress_of
from campaigns.outreach.settle import Outcome, finish_done, settle
from campaigns.programme.lines import Line
from campaigns.programme.programme import halt, resume
from campaigns.staff.second_person import ContentChanged
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from tests.support.outbox import (
    TEXTS,
    approved_campaign,
    campaign_of,
    launched_campaign,
    number,
    people_who_agreed,
    states,
)
from tests.support.programme import TrainingProgramme, training_programme

LEASE = timedelta(seconds=60)


@pytest.fixture
def made(database: Database, keyring: KeyRing, now: datetime) -> TrainingProgramme:
    """A training programme."""
    return training_programme(database, keyring, now)


def claim(database: Database, campaign_id: int, now: datetime) -> Slice | None:
    """One claim in a transaction of its own."""
    with database.writing() as session:
        return claim_slice(session, campaign_id, now=now, lease=LEASE)


def stop(database: Database, keyring: KeyRing, n: int, now: datetime) -> None:
    """The n-th phone says STOP."""
    with database.writing() as session:
        withdraw(session, keyring.vault(session), number(n), Act(Channel.SMS, "stop"), now=now)


def unlimited(database: Database, line_id: int) -> None:
    """Let a line send without a limit of its own."""
    with database.writing() as session:
        session.execute(update(Line).where(Line.id == line_id).values(parts_per_second=0))


def test_everyone_who_agreed_is_claimed_once_in_her_language(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime
) -> None:
    people_who_agreed(database, keyring, made, 30, now=now)
    campaign = launched_campaign(database, made, now=now)
    unlimited(database, made.two_way)

    taken = claim(database, campaign, now)

    assert taken is not None
    assert len(taken.rows) == 30
    assert {row.body.split(":")[0] for row in taken.rows} == {text.split(":")[0] for text in TEXTS.values()}
    assert claim(database, campaign, now) is None


def test_a_line_grants_one_second_of_its_rate(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime
) -> None:
    people_who_agreed(database, keyring, made, 60, now=now)
    campaign = launched_campaign(database, made, now=now)

    at_once = []
    while (taken := claim(database, campaign, now)) is not None:
        at_once.append(sum(row.parts for row in taken.rows))
    later = claim(database, campaign, now + timedelta(seconds=1.5))

    with database.reading() as session:
        rate = session.get_one(Line, made.two_way).parts_per_second
    assert rate - 2 < sum(at_once) <= rate  # the longest wording has two parts
    assert later is not None


def test_who_said_stop_is_withheld_and_so_is_everyone_after_a_halt(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime
) -> None:
    people_who_agreed(database, keyring, made, 6, now=now)
    campaign = launched_campaign(database, made, now=now)
    unlimited(database, made.two_way)
    stop(database, keyring, 0, now)
    with database.writing() as session:
        halt(session, made.coordinator, now=now)

    assert claim(database, campaign, now) is None
    with database.writing() as session:
        resume(session, made.coordinator, now=now)
    taken = claim(database, campaign, now)

    assert taken is not None
    assert len(taken.rows) == 5
    with database.reading() as session:
        assert states(session, campaign) == {DeliveryState.CLAIMED: 5, DeliveryState.WITHHELD: 1}
        progress = progress_of(session, campaign)
        assert (progress.on_the_way, progress.left_out, progress.total) == (5, 1, 6)


def test_stop_in_the_middle_of_a_slice_withholds_her(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime
) -> None:
    people_who_agreed(database, keyring, made, 3, now=now)
    campaign = launched_campaign(database, made, now=now)
    unlimited(database, made.two_way)
    taken = claim(database, campaign, now)
    assert taken is not None

    stop(database, keyring, 1, now)
    with database.reading() as session:
        sights = last_look(session, taken.claim_id, [row.id for row in taken.rows], now=now)

    assert sorted(sights.values(), key=lambda sight: sight.value) == [Sight.GO, Sight.GO, Sight.WITHHOLD]


@pytest.mark.parametrize("why", ["pause", "halt", "line", "edit", "window"])
def test_whatever_must_stop_sending_is_seen_by_the_last_look(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime, why: str
) -> None:
    people_who_agreed(database, keyring, made, 3, now=now)
    campaign = launched_campaign(database, made, now=now)
    unlimited(database, made.two_way)
    taken = claim(database, campaign, now)
    assert taken is not None
    at = now

    with database.writing() as session:
        if why == "pause":
            control.pause(session, made.coordinator, campaign, now=now)
        elif why == "halt":
            halt(session, made.coordinator, now=now)
        elif why == "line":
            session.get_one(Line, made.two_way).paused_at = now
        elif why == "edit":
            campaign_of(session, campaign).content_hash = b"another"
    if why == "window":
        at = taken.rows[0].expires_at
        with database.writing() as session:
            session.execute(update(Delivery).values(lease_until=at + LEASE))
    with database.reading() as session:
        sights = last_look(session, taken.claim_id, [row.id for row in taken.rows], now=at)

    assert set(sights.values()) == {Sight.BACK}


def test_a_closed_window_moves_the_row_to_the_next_opening(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime
) -> None:
    people_who_agreed(database, keyring, made, 4, now=now)
    campaign = launched_campaign(database, made, now=now)
    unlimited(database, made.two_way)
    night = now.replace(hour=19)  # midnight in Peshawar

    taken = claim(database, campaign, night)

    assert taken is not None
    assert taken.rows == ()
    with database.reading() as session:
        due = set(session.scalars(select(Delivery.due_at)))
        assert due == {(night + timedelta(days=1)).replace(hour=4, minute=30)}  # 09:30 in Peshawar
        assert states(session, campaign) == {DeliveryState.QUEUED: 4}


def test_after_the_last_window_a_delivery_is_missed(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime
) -> None:
    people_who_agreed(database, keyring, made, 2, now=now)
    campaign = launched_campaign(database, made, now=now)
    unlimited(database, made.two_way)

    claim(database, campaign, now + timedelta(days=5))

    with database.reading() as session:
        assert states(session, campaign) == {DeliveryState.MISSED: 2}


def test_launch_run_twice_and_cut_anywhere_writes_everyone_once(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime
) -> None:
    people_who_agreed(database, keyring, made, 20, now=now)
    prepared = approved_campaign(database, made, now=now)
    with database.writing() as session:
        launch.start_due(session, now=now)
    with pytest.raises(RuntimeError), database.writing() as session:
        launch.launch_piece(session, prepared.id, now=now)
        raise RuntimeError("killed before the commit")

    for _ in range(2):
        with database.writing() as session:
            campaign_of(session, prepared.id).launch_after = 0
            campaign_of(session, prepared.id).launch_done = False
        more = True
        while more:
            with database.writing() as session:
                more = launch.launch_piece(session, prepared.id, now=now)

    with database.reading() as session:
        assert states(session, prepared.id) == {DeliveryState.QUEUED: 20}
        assert progress_of(session, prepared.id).to_go == 20


def test_people_who_come_after_the_start_do_not_slip_in_and_the_ceiling_holds(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime
) -> None:
    people_who_agreed(database, keyring, made, 10, now=now)
    prepared = approved_campaign(database, made, now=now)
    people_who_agreed(database, keyring, made, 40, now=now)
    with database.writing() as session:
        launch.start_due(session, now=now)
    more = True
    while more:
        with database.writing() as session:
            more = launch.launch_piece(session, prepared.id, now=now)

    with database.reading() as session:
        assert (
            progress_of(session, prepared.id).total == 11
        )  # ten, and the tenth more that an approval allows


def test_an_edit_voids_the_approval(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime
) -> None:
    people_who_agreed(database, keyring, made, 3, now=now)
    prepared = approved_campaign(database, made, now=now)

    with database.writing() as session:
        drafting.set_wordings(session, made.coordinator, prepared.id, {"en": "Other words"}, now=now)

    with database.writing() as session:
        assert campaign_of(session, prepared.id).state == State.DRAFT
        assert launch.start_due(session, now=now) == []


def test_an_approval_is_only_for_what_was_seen(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime
) -> None:
    people_who_agreed(database, keyring, made, 3, now=now)
    with database.writing() as session:
        campaign = drafting.create_campaign(session, made.coordinator, "Talk", made.two_way, now=now)
        drafting.set_wordings(session, made.coordinator, campaign.id, TEXTS, now=now)
        drafting.set_times(session, made.coordinator, campaign.id, now, now + timedelta(days=1), now=now)
        seen = approval.submit(session, made.coordinator, campaign.id, now=now).content_hash
        drafting.set_wordings(session, made.coordinator, campaign.id, {**TEXTS, "en": "Changed"}, now=now)
        approval.submit(session, made.coordinator, campaign.id, now=now)

    with pytest.raises(ContentChanged), database.writing() as session:
        approval.approve(session, made.approver, campaign.id, seen, now=now)


def test_a_refused_charge_rolls_the_claim_back(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime
) -> None:
    people_who_agreed(database, keyring, made, 5, now=now)
    campaign = launched_campaign(database, made, now=now)
    unlimited(database, made.two_way)
    with database.writing() as session:
        session.execute(update(Budget).values(cap=1))

    with pytest.raises(BudgetSpent):
        claim(database, campaign, now)

    with database.reading() as session:
        assert states(session, campaign) == {DeliveryState.QUEUED: 5}


@pytest.mark.parametrize("state", [DeliveryState.QUEUED, DeliveryState.WITHHELD, DeliveryState.FAILED])
def test_what_no_carrier_took_is_not_paid_for(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime, state: DeliveryState
) -> None:
    people_who_agreed(database, keyring, made, 3, now=now)
    campaign = launched_campaign(database, made, now=now)
    unlimited(database, made.two_way)
    taken = claim(database, campaign, now)
    assert taken is not None
    with database.reading() as session:
        assert session.scalars(select(Budget.spent)).one() > 0

    with database.writing() as session:
        settle(session, [Outcome(row.id, 0, state) for row in taken.rows], now=now)

    with database.reading() as session:
        assert session.scalars(select(Budget.spent)).one() == 0


def settle_all(database: Database, taken: Slice, state: DeliveryState, now: datetime) -> None:
    """Settle a whole slice alike."""
    outcomes = [Outcome(row.id, row.attempt, state, sid=f"SM{row.id}") for row in taken.rows]
    with database.writing() as session:
        settle(session, outcomes, now=now)


def test_receipts_in_any_order_and_doubled_only_make_a_stage_grow(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime
) -> None:
    people_who_agreed(database, keyring, made, 2, now=now)
    campaign = launched_campaign(database, made, now=now)
    unlimited(database, made.two_way)
    taken = claim(database, campaign, now)
    assert taken is not None

    def word(state: DeliveryState) -> None:
        for row in taken.rows:
            with database.writing() as session:
                receipts.store_receipt(
                    session,
                    delivery_id=row.id,
                    attempt=0,
                    state=state,
                    error=None,
                    sid=f"SM{row.id}",
                    now=now,
                )
        with database.writing() as session:
            receipts.apply_receipts(session, now=now)

    word(DeliveryState.DELIVERED)  # before the answer to our own request
    settle_all(database, taken, DeliveryState.ACCEPTED, now)
    word(DeliveryState.SENT)
    word(DeliveryState.DELIVERED)
    word(DeliveryState.UNDELIVERED)

    with database.reading() as session:
        assert states(session, campaign) == {DeliveryState.DELIVERED: 2}
        assert progress_of(session, campaign).delivered == 2
        assert None not in set(session.scalars(select(Delivery.sid)))


def test_a_late_delivered_of_the_first_attempt_stops_the_second(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime
) -> None:
    people_who_agreed(database, keyring, made, 1, now=now)
    campaign = launched_campaign(database, made, now=now)
    unlimited(database, made.two_way)
    taken = claim(database, campaign, now)
    assert taken is not None
    with database.writing() as session:
        again = [Outcome(row.id, 0, DeliveryState.QUEUED, again=True, due_at=now) for row in taken.rows]
        settle(session, again, now=now)
        receipts.store_receipt(
            session, delivery_id=taken.rows[0].id, attempt=0, state=DeliveryState.DELIVERED, error=None, sid="SM1",
            now=now,
        )  # fmt: skip
        receipts.apply_receipts(session, now=now)

    assert claim(database, campaign, now) is None


def test_a_campaign_with_nothing_left_to_hand_over_is_finished(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime
) -> None:
    people_who_agreed(database, keyring, made, 2, now=now)
    campaign = launched_campaign(database, made, now=now)
    unlimited(database, made.two_way)
    taken = claim(database, campaign, now)
    assert taken is not None
    with database.writing() as session:
        assert finish_done(session, now=now) == []

    settle_all(database, taken, DeliveryState.ACCEPTED, now)

    with database.writing() as session:
        assert finish_done(session, now=now) == [campaign]


def test_a_campaign_is_not_finished_while_a_carrier_is_asked(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime
) -> None:
    people_who_agreed(database, keyring, made, 2, now=now)
    campaign = launched_campaign(database, made, now=now)
    unlimited(database, made.two_way)
    taken = claim(database, campaign, now)
    assert taken is not None

    settle_all(database, taken, DeliveryState.UNKNOWN, now)

    with database.writing() as session:
        assert finish_done(session, now=now) == []


def test_stopping_cancels_what_has_not_gone_and_only_that(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime
) -> None:
    people_who_agreed(database, keyring, made, 30, now=now)
    campaign = launched_campaign(database, made, now=now)
    taken = claim(database, campaign, now)
    assert taken is not None
    settle_all(database, taken, DeliveryState.ACCEPTED, now)

    with database.writing() as session:
        control.stop(session, made.coordinator, campaign, now=now)
        control.cancel_piece(session, campaign)

    gone = len(taken.rows)
    with database.reading() as session:
        assert states(session, campaign) == {DeliveryState.ACCEPTED: gone, DeliveryState.CANCELLED: 30 - gone}
        assert progress_of(session, campaign).left_out == 30 - gone
    with pytest.raises(WrongState), database.writing() as session:
        control.go_on(session, made.coordinator, campaign, now=now)
