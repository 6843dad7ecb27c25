"""Checks of what lies on this machine: folders, key files, secrets, memory, and the addresses it is known by."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from campaigns.storage.vault import KeyRing, KeysExposed, KeysMissing
from gateway.commands.findings import Finding, note, well, wrong
from gateway.settings import Settings, is_loopback

TOKEN_BYTES = 32  # an account's token at the carrier has 32 characters
SHORTEST_PASSWORD = 12
KNOWN_SECRETS = frozenset(
    {
        "admin",
        "changeme",
        "default",
        "gateway",
        "paigham",
        "password",
        "postgres",
        "redis",
        "secret",
        "simulated",
        "test",
    }
)
IN_MEMORY = frozenset({"tmpfs", "ramfs"})
MOUNTS, SWAPS = Path("/proc/mounts"), Path("/proc/swaps")


def check_folders(settings: Settings) -> Iterator[Finding]:
    """The data folder is its owner's alone."""
    mode = stat.S_IMODE(settings.data_dir.stat().st_mode) if settings.data_dir.is_dir() else None
    if mode is None:
        yield wrong("data folder", "is not there", "run `paigham prepare`")
    elif mode & 0o077:
        yield wrong("data folder", f"others may look into it ({mode:o})", f"chmod 700 {settings.data_dir}")
    else:
        yield well("data folder", "is yours alone")


def check_keys(settings: Settings) -> Iterator[Finding]:
    """Every key is there, whole, different from all others, and its owner's alone."""
    directory = settings.keys_path
    try:
        ring = KeyRing.open(directory)
    except (KeysMissing, KeysExposed) as error:
        yield wrong(
            "keys", str(error), "put the key files back as they were, mode 600, in a folder of mode 700"
        )
        return
    mode = stat.S_IMODE(directory.stat().st_mode)
    if mode & 0o077:
        yield wrong("keys", f"others may list their folder ({mode:o})", f"chmod 700 {directory}")
    elif any(len(set(key)) < len(key) // 4 for key in ring.keys.values()):
        yield wrong(
            "keys", "one of them is not random", "restore the true key files from where you keep them"
        )
    else:
        yield well("keys", f"{len(ring.keys)} files, yours alone")


def check_secrets(settings: Settings) -> Iterator[Finding]:
    """No secret is a known default, short, or used twice."""
    secrets = dict(_secrets_of(settings))
    faults = []
    for name, value in secrets.items():
        shortest = TOKEN_BYTES if "TOKEN" in name else SHORTEST_PASSWORD
        if value.lower() in KNOWN_SECRETS or re.fullmatch(r"(.)\1*", value):
            faults.append(f"{name} is a default that everybody knows")
        elif len(value) < shortest:
            faults.append(f"{name} is shorter than {shortest} characters")
    if len(set(secrets.values())) < len(secrets):
        faults.append("two secrets are the same")
    for fault in faults:
        yield wrong("secrets", fault, "make a new one, for example with `openssl rand -hex 16`")
    if not faults:
        yield well("secrets", "none is a default, short, or used twice")


def check_addresses(settings: Settings, *, training: bool) -> Iterator[Finding]:
    """The carrier can reach the public address, over https, and a live programme has a real carrier and clock."""
    url = settings.public_url
    if training:
        yield well("public address", f"{url} (training: nobody else needs to reach it)")
        return
    if is_loopback(url):
        yield wrong(
            "public address", "leads to this machine only", "set PAIGHAM_PUBLIC_URL to its https:// address"
        )
    elif not url.startswith("https://"):
        yield wrong(
            "public address", "is not https: texts would travel in clear", "put a certificate in front"
        )
    else:
        yield well("public address", url)
    if settings.is_simulated:
        yield wrong("carrier", "a live programme with the simulated carrier", "unset PAIGHAM_CARRIER_URL")
    if settings.clock_file is not None:
        yield wrong("clock", "a live programme that follows a file", "unset PAIGHAM_CLOCK_FILE")


def check_memory(settings: Settings) -> Iterator[Finding]:
    """What must not outlive the machine's power lies in memory, and memory is not written to disk."""
    kind = _file_system_of(settings.runtime_path)
    if kind is None:
        yield note(
            "runtime folder", "cannot tell whether it is in memory", "set PAIGHAM_RUNTIME_DIR to a RAM disk"
        )
    elif kind in IN_MEMORY:
        yield well("runtime folder", f"lies in memory ({kind})")
    else:
        yield note(
            "runtime folder",
            f"lies on a disk ({kind}): the key of feedback that is not shelved yet could be found there",
            "set PAIGHAM_RUNTIME_DIR to a folder in memory, such as one below /dev/shm",
        )
    if _swaps_to_disk():
        yield note(
            "swap",
            "memory may be written to disk",
            "turn swap off, or encrypt it with a key made at each start",
        )
    else:
        yield well("swap", "none on a disk")


def _secrets_of(settings: Settings) -> Iterator[tuple[str, str]]:
    for name in ("twilio_auth_token", "twilio_auth_token_next"):
        secret = getattr(settings, name)
        if secret is not None:
            yield f"PAIGHAM_{name.upper()}", secret.get_secret_value()
    for name in ("database_url", "redis_url"):
        secret = getattr(settings, name)
        password = urlsplit(secret.get_secret_value()).password if secret is not None else None
        if password:
            yield f"the password in PAIGHAM_{name.upper()}", unquote(password)


def _file_system_of(folder: Path) -> str | None:
    """The kind of file system that holds a folder, as Linux names it; None elsewhere."""
    if not MOUNTS.exists():
        return None
    real = os.path.realpath(folder)
    holding = [
        (len(point), kind)
        for _, point, kind, *_ in (line.split() for line in MOUNTS.read_text().splitlines())
        if real == point or real.startswith(point.rstrip("/") + "/")
    ]
    return max(holding)[1] if holding else None


def _swaps_to_disk() -> bool:
    if not SWAPS.exists():
        return False
    return any("zram" not in line for line in SWAPS.read_text().splitlines()[1:])
