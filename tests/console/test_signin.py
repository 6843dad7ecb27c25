"""Signing in: names, passwords, second factors, sessions, and what somebody who guesses is told."""

import re
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from passlib.totp import TOTP
from sqlalchemy import func, select

from campaigns.staff.actor import Permission, Staff
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from gateway.console.signin.accounts import (
    SignInNameTaken,
    SignInNameUnusable,
    account_by_name,
    close_account,
    create_account,
    end_all_sessions,
    reset_second_factor,
    set_password,
)
from gateway.console.signin.models import Account, OpenSession
from gateway.console.signin.passwords import PasswordTooLong, PasswordTooShort
from gateway.console.signin.tries import count_try
from tests.support.console import PASSWORD, Browser, WallClock, console_app, sign_in_of, staff_accounts
from tests.support.programme import TrainingProgramme, training_programme

STEP = timedelta(seconds=30)


def set_up_phone(browser: Browser) -> TOTP:
    """Set up the second factor in a signed-in browser; gives what the phone then knows."""
    page = browser.get("/account/second-factor").get_data(as_text=True)
    key = re.search(r'class="code">([A-Z2-7-]+)<', page)
    sealed = re.search(r'name="setup" value="([^"]+)"', page)
    assert key
    assert sealed
    phone = TOTP(key=key.group(1).replace("-", ""), format="base32")
    answer = browser.post(
        "/account/second-factor",
        {"setup": sealed.group(1), "code": phone.generate().token, "password": PASSWORD},
    )
    assert answer.status_code == 200
    phone.recovery_codes = re.findall(r'class="code">([0-9a-f-]{14})<', answer.get_data(as_text=True))
    return phone


def figures(phone: TOTP, *, steps_ahead: int = 0) -> str:
    """The six figures that the phone shows; ahead of time so that a test need not wait for the next."""
    return str(phone.generate(phone.now() + 30 * steps_ahead).token)


def test_name_and_password_open_today(browser: Browser) -> None:
    answer = browser.sign_in("coordinator")

    assert answer.headers["Location"] == "/"
    assert browser.get("/").status_code == 200


def test_a_name_may_be_typed_in_capitals(browser: Browser) -> None:
    assert browser.sign_in(" Coordinator ").headers["Location"] == "/"


def test_an_unknown_name_is_answered_in_the_words_of_a_wrong_password(app: Flask) -> None:
    known, unknown = Browser(app.test_client()), Browser(app.test_client())

    wrong, nobody = (
        known.sign_in("coordinator", "not the password"),
        unknown.sign_in("nobody.knows", "not the password"),
    )

    assert wrong.status_code == nobody.status_code == 401
    without_name = [re.sub(r'value="[^"]*"', "", answer.get_data(as_text=True)) for answer in (wrong, nobody)]
    assert without_name[0] == without_name[1]


def test_the_sixth_wrong_try_in_a_minute_is_not_looked_at(browser: Browser, wall_clock: WallClock) -> None:
    for _ in range(5):
        assert browser.sign_in("coordinator", "wrong").status_code == 401

    assert browser.sign_in("coordinator").status_code == 429

    wall_clock.shown += timedelta(seconds=61)
    assert browser.sign_in("coordinator").status_code == 303


def test_an_unknown_name_is_slowed_like_a_known_one(browser: Browser) -> None:
    codes = [browser.sign_in("nobody.knows", "wrong").status_code for _ in range(6)]

    assert codes == [401] * 5 + [429]


def test_tries_for_many_names_are_slowed_together(
    browser: Browser, app: Flask, database: Database, wall_clock: WallClock
) -> None:
    keys = sign_in_of(app).keys
    for number in range(60):
        count_try(database, keys.tries, "password", f"name-{number}", now=wall_clock())

    assert browser.sign_in("coordinator").status_code == 429


def test_signing_in_rightly_often_is_not_held_against_her(app: Flask) -> None:
    for _ in range(7):
        assert Browser(app.test_client()).sign_in("coordinator").status_code == 303


def test_what_was_typed_as_a_name_is_nowhere_in_the_database(
    browser: Browser, database: Database, tmp_path: Path
) -> None:
    browser.sign_in("hunter2-typed-in-the-wrong-field", "wrong")

    if database.dialect == "sqlite":
        raw = b"".join(path.read_bytes() for path in tmp_path.glob("paigham.db*"))
        assert b"hunter2" not in raw


@pytest.mark.real_passwords
def test_passwords_are_kept_as_argon2id(database: Database, programme: TrainingProgramme) -> None:
    with database.reading() as session:
        hashed = account_by_name(session, "coordinator").password

    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.mark.parametrize(("length", "error"), [(14, PasswordTooShort), (129, PasswordTooLong)])
def test_a_live_programme_wants_15_to_128_characters(
    database: Database, keyring: KeyRing, now: datetime, length: int, error: type[Exception]
) -> None:
    made = training_programme(database, keyring, now, training=False)

    with pytest.raises(error), database.writing() as session:
        create_account(
            session, sign_in="zarmina", password="x" * length, staff=made.coordinator.staff, now=now
        )


def test_a_name_is_given_once_and_is_plain(
    database: Database, programme: TrainingProgramme, now: datetime
) -> None:
    staff = programme.coordinator.staff
    with database.writing() as session, pytest.raises(SignInNameTaken):
        create_account(session, sign_in="APPROVER", password=PASSWORD, staff=staff, now=now)
    with database.writing() as session, pytest.raises(SignInNameUnusable):
        create_account(session, sign_in="z@example.org", password=PASSWORD, staff=staff, now=now)


def test_the_second_factor_is_asked_once_it_is_set(signed_in: Callable[[str], Browser], app: Flask) -> None:
    phone = set_up_phone(signed_in("coordinator"))
    browser = Browser(app.test_client())

    assert browser.sign_in("coordinator").headers["Location"] == "/sign-in/code"
    assert browser.get("/").headers["Location"] == "/sign-in"
    browser.get("/sign-in/code")
    assert browser.post("/sign-in/code", {"code": "000000"}).status_code == 401
    assert browser.post("/sign-in/code", {"code": figures(phone, steps_ahead=1)}).headers["Location"] == "/"
    assert browser.get("/").status_code == 200


def test_figures_open_once(signed_in: Callable[[str], Browser], app: Flask) -> None:
    phone = set_up_phone(signed_in("coordinator"))
    code = figures(phone, steps_ahead=1)
    answers = []

    for typed in (code, f"{code[:3]} {code[3:]}"):
        browser = Browser(app.test_client())
        browser.sign_in("coordinator")
        browser.get("/sign-in/code")
        answers.append(browser.post("/sign-in/code", {"code": typed}).status_code)

    assert answers == [303, 401]


def test_a_recovery_code_opens_once(
    signed_in: Callable[[str], Browser], app: Flask, database: Database
) -> None:
    phone = set_up_phone(signed_in("coordinator"))
    answers = []

    for _ in range(2):
        browser = Browser(app.test_client())
        browser.sign_in("coordinator")
        browser.get("/sign-in/code")
        answers.append(browser.post("/sign-in/code", {"code": phone.recovery_codes[0].upper()}).status_code)

    assert answers == [303, 401]
    with database.reading() as session:
        kept = account_by_name(session, "coordinator")
        assert kept.recovery_codes_left == len(phone.recovery_codes) - 1
        assert phone.recovery_codes[1].replace("-", "") not in kept.recovery_codes


def test_figures_are_guessed_five_times_a_minute_at_most(
    signed_in: Callable[[str], Browser], app: Flask
) -> None:
    phone = set_up_phone(signed_in("coordinator"))
    browser = Browser(app.test_client())
    browser.sign_in("coordinator")
    browser.get("/sign-in/code")

    codes = [browser.post("/sign-in/code", {"code": "000000"}).status_code for _ in range(5)]

    assert codes == [401] * 5
    assert browser.post("/sign-in/code", {"code": figures(phone, steps_ahead=1)}).status_code == 429


def test_the_password_alone_is_forgotten_after_five_minutes(
    signed_in: Callable[[str], Browser], app: Flask, wall_clock: WallClock
) -> None:
    phone = set_up_phone(signed_in("coordinator"))
    browser = Browser(app.test_client())
    browser.sign_in("coordinator")
    browser.get("/sign-in/code")
    wall_clock.shown += timedelta(minutes=6)

    answer = browser.post("/sign-in/code", {"code": figures(phone, steps_ahead=1)})

    assert answer.headers["Location"] == "/sign-in"


def test_the_authenticators_secret_is_sealed_in_the_database(
    signed_in: Callable[[str], Browser], database: Database
) -> None:
    phone = set_up_phone(signed_in("coordinator"))

    with database.reading() as session:
        kept = account_by_name(session, "coordinator").tf_totp_secret
    assert kept is not None
    assert phone.base32_key not in kept
    assert '"enckey"' in kept


def test_in_a_live_programme_nothing_opens_before_the_second_factor(
    database: Database, keyring: KeyRing, now: datetime, tmp_path: Path
) -> None:
    made = training_programme(database, keyring, now, training=False)
    staff_accounts(database, made, now)
    browser = Browser(console_app(database, keyring, tmp_path).test_client())
    browser.sign_in("coordinator")

    for path in ("/", "/today/now", "/pause", "/account"):
        assert browser.get(path).headers["Location"] == "/account/second-factor"
    set_up_phone(browser)

    assert browser.get("/").status_code == 200


def test_a_session_ends_after_half_an_hour_of_rest(
    signed_in: Callable[[str], Browser], wall_clock: WallClock
) -> None:
    browser = signed_in("coordinator")
    wall_clock.shown += timedelta(minutes=29)
    assert browser.get("/").status_code == 200
    wall_clock.shown += timedelta(minutes=29)
    assert browser.get("/").status_code == 200
    wall_clock.shown += timedelta(minutes=31)

    assert browser.get("/").headers["Location"] == "/sign-in"


def test_a_page_that_renews_itself_keeps_no_session_awake(
    signed_in: Callable[[str], Browser], wall_clock: WallClock
) -> None:
    browser = signed_in("coordinator")
    for _ in range(3):
        wall_clock.shown += timedelta(minutes=10, seconds=20)
        answer = browser.get("/today/now", headers={"HX-Request": "true"})

    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in"


def test_a_session_ends_after_eight_hours_whatever_is_done(
    signed_in: Callable[[str], Browser], wall_clock: WallClock
) -> None:
    browser = signed_in("coordinator")
    for _ in range(8 * 3):
        wall_clock.shown += timedelta(minutes=20)
        browser.get("/")

    wall_clock.shown += timedelta(minutes=1)
    assert browser.get("/").headers["Location"] == "/sign-in"


def test_signing_out_ends_copies_of_the_cookie_too(signed_in: Callable[[str], Browser], app: Flask) -> None:
    browser = signed_in("coordinator")
    cookie = browser.client.get_cookie("paigham")
    assert cookie
    copy = Browser(app.test_client())
    copy.client.set_cookie("paigham", cookie.value)
    assert copy.get("/").status_code == 200

    answer = browser.post("/sign-out")

    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert copy.get("/").headers["Location"] == "/sign-in"


def test_the_cookie_changes_when_somebody_signs_in(browser: Browser) -> None:
    browser.get("/sign-in")
    before = browser.client.get_cookie("paigham")
    token = browser.token
    browser.sign_in("coordinator")
    after = browser.client.get_cookie("paigham")

    assert before
    assert after
    assert before.value != after.value
    assert browser.token != token


@pytest.mark.parametrize("act", [end_all_sessions, reset_second_factor, close_account])
def test_sessions_end_at_once_when_the_operator_says_so(
    signed_in: Callable[[str], Browser], database: Database, act: Callable[..., None]
) -> None:
    browser = signed_in("coordinator")

    with database.writing() as session:
        act(session, account_by_name(session, "coordinator"))

    assert browser.get("/").headers["Location"] == "/sign-in"


def test_a_new_password_signs_out_every_other_browser(signed_in: Callable[[str], Browser]) -> None:
    here, elsewhere = signed_in("coordinator"), signed_in("coordinator")

    answer = here.post("/account/password", {"password": PASSWORD, "new": "seven other words entirely"})

    assert answer.status_code == 303
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").headers["Location"] == "/sign-in"


def test_a_new_password_needs_the_present_one(signed_in: Callable[[str], Browser], app: Flask) -> None:
    browser = signed_in("coordinator")

    assert browser.post("/account/password", {"password": "wrong", "new": "x" * 20}).status_code == 422
    assert Browser(app.test_client()).sign_in("coordinator").status_code == 303


def test_signing_out_everywhere_ends_this_browser_too(signed_in: Callable[[str], Browser]) -> None:
    here, elsewhere = signed_in("coordinator"), signed_in("coordinator")

    here.post("/account/sign-out-everywhere")

    for browser in (here, elsewhere):
        assert browser.get("/").headers["Location"] == "/sign-in"


def test_an_inactive_member_of_staff_is_out_at_the_next_request(
    signed_in: Callable[[str], Browser], database: Database, programme: TrainingProgramme
) -> None:
    browser = signed_in("coordinator")

    with database.writing() as session:
        session.get_one(Staff, programme.coordinator.staff).active = False

    assert browser.get("/").headers["Location"] == "/sign-in"


def test_an_inactive_member_of_staff_is_refused_in_the_usual_words(
    browser: Browser, database: Database, programme: TrainingProgramme
) -> None:
    with database.writing() as session:
        session.get_one(Staff, programme.coordinator.staff).active = False

    answer = browser.sign_in("coordinator")

    assert answer.status_code == 401
    assert "Name and password do not fit together" in answer.get_data(as_text=True)


def test_the_language_of_whoever_sat_here_before_is_not_hers(signed_in: Callable[[str], Browser]) -> None:
    shared = signed_in("coordinator")
    shared.post("/language", {"language": "ps"})
    signed_in("approver").post("/language", {"language": "ur"})
    shared.get("/account")
    shared.post("/sign-out")

    shared.sign_in("approver")

    assert '<html lang="ur"' in shared.get("/").get_data(as_text=True)


def test_a_change_of_roles_holds_from_the_next_request(
    signed_in: Callable[[str], Browser], database: Database, programme: TrainingProgramme
) -> None:
    browser = signed_in("coordinator")
    assert browser.get("/pause").status_code == 200

    with database.writing() as session:
        session.get_one(Staff, programme.coordinator.staff).permissions = int(Permission.LOOK)

    assert browser.get("/pause").status_code == 403


def test_looking_never_waits_for_a_writer(signed_in: Callable[[str], Browser], database: Database) -> None:
    if database.dialect != "sqlite":
        pytest.skip("PostgreSQL has no single writer")
    browser = signed_in("coordinator")
    writer = sqlite3.connect(str(database.url.database), isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")

    pages = [
        browser.get(path).status_code
        for path in ("/", "/today/now", "/pause", "/account", "/account/second-factor")
    ]

    writer.execute("ROLLBACK")
    writer.close()
    assert pages == [200] * 5


def test_old_sessions_are_cleared_away(
    signed_in: Callable[[str], Browser], wall_clock: WallClock, database: Database
) -> None:
    signed_in("coordinator")
    wall_clock.shown += timedelta(hours=9)
    signed_in("approver")

    with database.reading() as session:
        assert session.scalars(select(func.count()).select_from(OpenSession)).one() == 1


@pytest.mark.real_passwords
def test_a_weaker_hash_is_renewed_when_she_signs_in(browser: Browser, database: Database) -> None:
    from argon2 import PasswordHasher

    with database.writing() as session:
        account_by_name(session, "coordinator").password = PasswordHasher(time_cost=1, memory_cost=8192).hash(
            PASSWORD
        )

    browser.sign_in("coordinator")

    with database.reading() as session:
        assert account_by_name(session, "coordinator").password.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_another_accounts_setup_page_sets_up_nothing(
    signed_in: Callable[[str], Browser], app: Flask, database: Database
) -> None:
    hers, his = signed_in("coordinator"), signed_in("approver")
    page = hers.get("/account/second-factor").get_data(as_text=True)
    key, sealed = (
        re.search(r'class="code">([A-Z2-7-]+)<', page),
        re.search(r'name="setup" value="([^"]+)"', page),
    )
    assert key
    assert sealed
    phone = TOTP(key=key.group(1).replace("-", ""), format="base32")

    answer = his.post(
        "/account/second-factor",
        {"setup": sealed.group(1), "code": phone.generate().token, "password": PASSWORD},
    )

    assert answer.status_code == 422
    with database.reading() as session:
        assert not any(account.has_second_factor for account in session.scalars(select(Account)))


def test_set_password_lets_her_in_with_the_new_one_only(app: Flask, database: Database) -> None:
    with database.writing() as session:
        set_password(session, account_by_name(session, "coordinator"), "a wholly new phrase")

    assert Browser(app.test_client()).sign_in("coordinator").status_code == 401
    assert Browser(app.test_client()).sign_in("coordinator", "a wholly new phrase").status_code == 303
    assert sign_in_of(app).accounts.find_user(sign_in="coordinator") is not None
