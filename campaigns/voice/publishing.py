"""Publishing the menu: a draft is opened, changed and, once it is complete, becomes what callers hear."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, insert, literal, select
from sqlalchemy.orm import Session

from campaigns.audio.blobs import Blob
from campaigns.programme.programme import the_programme
from campaigns.staff import audit
from campaigns.staff.actor import Actor, Permission
from campaigns.storage.columns import BigId
from campaigns.voice.linter import lint
from campaigns.voice.menu import Menu, prompts_of
from campaigns.voice.rules import Finding, Rule, Severity
from campaigns.voice.shape import CANNOT_BE_WALKED, lint_shape
from campaigns.voice.versions import (
    MenuVersion,
    NoSuchVersion,
    Prompt,
    VersionState,
    content_hash,
    prompt_rows,
    require_draft,
    version_of,
)
from campaigns.voice.written import read_menu, write_menu


class MenuIncomplete(Exception):
    """A prompt has no words or no recording in a language that the menu offers; names each (prompt, language)."""

    def __init__(self, missing: tuple[tuple[str, str], ...]) -> None:
        """Name what is missing in the sentence too."""
        named = ", ".join(f"{prompt} ({language})" for prompt, language in missing)
        super().__init__(f"it is not complete; missing: {named}")
        self.missing = missing


class MenuFaulty(Exception):
    """The linter finds what must be mended before callers hear it; carries those findings."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        """Say each in a sentence."""
        super().__init__("; ".join(f"{finding.where}: {finding.says}" for finding in findings))
        self.findings = findings


def draft(session: Session) -> MenuVersion | None:
    """The one version that is being worked on; None when nobody has begun one."""
    return session.scalars(
        select(MenuVersion).where(MenuVersion.state == int(VersionState.DRAFT))
    ).one_or_none()


def open_draft(session: Session, actor: Actor, *, now: datetime) -> MenuVersion:
    """The draft there is, or a new one that begins as a copy of what callers hear, recordings and all.

    Raises NotPermitted, and NoSuchVersion when there is nothing to copy yet: import a menu then.
    """
    actor.require(Permission.PRODUCE_RADIO)
    found = draft(session)
    if found is not None:
        return found
    heard = session.scalars(select(MenuVersion).order_by(MenuVersion.version.desc()).limit(1)).first()
    if heard is None:
        raise NoSuchVersion
    return _new_draft(session, actor, read_menu(heard.body), now)


def change_menu(session: Session, actor: Actor, menu: Menu, *, now: datetime) -> MenuVersion:
    """Let the draft be this menu, opening one where there is none; words and recordings stay by their names.

    Raises NotPermitted, and MenuFaulty for a menu that could not even be walked: its choices lead to what is not
    there, or round in a circle, or it has no beginning.
    """
    actor.require(Permission.PRODUCE_RADIO)
    broken = tuple(finding for finding in lint_shape(menu) if finding.rule in CANNOT_BE_WALKED)
    if broken:
        raise MenuFaulty(broken)
    found = draft(session)
    if found is None:
        return _new_draft(session, actor, menu, now)
    require_draft(session, found.id)
    found.body = write_menu(menu)
    audit.record(session, actor, "menu changed", f"menu:{found.id}", now=now)
    session.flush()
    return found


def drop_draft(session: Session, actor: Actor, menu_id: int, *, now: datetime) -> None:
    """Throw a draft away; what callers hear is not touched. Raises NotPermitted, NoSuchVersion, NotADraft."""
    actor.require(Permission.PRODUCE_RADIO)
    session.delete(require_draft(session, menu_id))
    audit.record(session, actor, "menu dropped", f"menu:{menu_id}", now=now)
    session.flush()


def findings_of(session: Session, menu_id: int, *, shows: Collection[str] | None = None) -> list[Finding]:
    """What the linter says of a version as it is now, by the rules of this programme. Raises NoSuchVersion."""
    menu = read_menu(version_of(session, menu_id).body)
    training = the_programme(session).training
    return lint(menu, prompt_rows(session, menu_id), training=training, shows=shows)


def publish(
    session: Session,
    actor: Actor,
    menu_id: int,
    *,
    now: datetime,
    shows: Collection[str] | None = None,
) -> MenuVersion:
    """Let callers hear a draft from the commit on; the version before it retires, and calls that began with it end
    with it. What is published is bound to a hash of its words and recordings, and never changes.

    Raises NotPermitted, NoSuchVersion, NotADraft, MenuIncomplete (what is missing), MenuFaulty (what must be mended).
    """
    actor.require(Permission.PRODUCE_RADIO)
    found = require_draft(session, menu_id)
    _require_complete(findings_of(session, menu_id, shows=shows))
    _forget_unneeded_prompts(session, found)
    _require_sounds(session, menu_id)
    for heard in session.scalars(
        select(MenuVersion).where(MenuVersion.state == int(VersionState.PUBLISHED)).with_for_update()
    ):
        heard.state = int(VersionState.RETIRED)
    session.flush()  # before the next line: only one may be published at any moment
    found.state = int(VersionState.PUBLISHED)
    found.hash = content_hash(found.body, prompt_rows(session, menu_id))
    found.published_by, found.published_at = actor.staff, now
    audit.record(session, actor, "menu published", f"menu:{menu_id}", now=now)
    session.flush()
    return found


def _require_complete(findings: list[Finding]) -> None:
    mend = [finding for finding in findings if finding.severity is Severity.MEND]
    missing = {
        (finding.where.prompt or "", finding.where.language or ""): None
        for finding in mend
        if finding.rule in (Rule.WORDS_MISSING, Rule.RECORDING_MISSING)
    }
    if missing:
        raise MenuIncomplete(tuple(missing))
    if mend:
        raise MenuFaulty(tuple(mend))


def _require_sounds(session: Session, menu_id: int) -> None:
    """Whatever a prompt names must be kept: its audio is part of what is published."""
    gone = select(Prompt.name, Prompt.language).where(
        Prompt.menu_id == menu_id, Prompt.blob.not_in(select(Blob.hash))
    )
    lost = session.execute(gone.order_by(Prompt.name, Prompt.language)).all()
    if lost:
        raise MenuIncomplete(tuple((row.name, row.language) for row in lost))


def _new_draft(session: Session, actor: Actor, menu: Menu, now: datetime) -> MenuVersion:
    before = session.scalars(select(MenuVersion).order_by(MenuVersion.version.desc()).limit(1)).first()
    made = MenuVersion(
        version=(before.version if before else 0) + 1,
        state=int(VersionState.DRAFT),
        body=write_menu(menu),
        made_by=actor.staff,
        made_at=now,
    )
    session.add(made)
    session.flush()
    if before is not None:
        _copy_prompts(session, before.id, made.id)
    audit.record(session, actor, "menu drafted", f"menu:{made.id}", now=now)
    return made


def _copy_prompts(session: Session, source: int, target: int) -> None:
    names = [column.name for column in Prompt.__table__.columns if column.name != "menu_id"]
    columns = [Prompt.__table__.c[name] for name in names]
    rows = select(literal(target, BigId), *columns).where(Prompt.menu_id == source)
    session.execute(insert(Prompt).from_select(["menu_id", *names], rows))


def _forget_unneeded_prompts(session: Session, found: MenuVersion) -> None:
    """While it was a draft, words and recordings of what was taken out stayed, for who changes her mind."""
    menu = read_menu(found.body)
    session.execute(
        delete(Prompt).where(
            Prompt.menu_id == found.id,
            Prompt.name.not_in(list(prompts_of(menu))) | Prompt.language.not_in(menu.languages),
        )
    )
