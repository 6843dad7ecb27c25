"""What the simulated carrier is told: its account, the lines of the training programme, and the handsets."""

import json
import os
import secrets
from pathlib import Path
from typing import Any

from gateway.commands.starter import HANDSETS, LINES, VOICE_LINES, LinePlan, VoicePlan
from gateway.settings import PREFIX, Settings

CONFIG = "simulator.json"
ENVIRONMENT = "environment.json"
CALLS_PER_SECOND = 5
TEXTS, CALLS = "/carrier/twilio/messages", "/carrier/twilio/calls/begin"


def write_config(settings: Settings) -> None:
    """Write `simulator.json` for this public address; the account made at first is kept, nothing else is."""
    path = settings.data_dir / CONFIG
    before = json.loads(path.read_text()) if path.exists() else {}
    wanted = {
        "account_sid": before.get("account_sid") or f"AC{secrets.token_hex(16)}",
        "auth_token": before.get("auth_token") or secrets.token_hex(16),
        "lines": [
            *(_text_line(line, settings) for line in LINES),
            *(_voice_line(line, settings) for line in VOICE_LINES),
        ],
        # Phones that no open page shows take calls up by themselves, or a campaign would ring 200 of them in vain.
        "unwatched_answer": True,
        "calls_per_second": CALLS_PER_SECOND,
        "handsets": [
            {"number": handset.number, "label": handset.label, "language": handset.language}
            for handset in HANDSETS
        ],
    }
    if wanted != before:
        write_private(path, json.dumps(wanted, ensure_ascii=False, indent=1))
    _remember_environment(settings, wanted)


def remembered_environment(data_dir: Path) -> dict[str, str]:
    """What the last start of a training programme was told, so that a command typed beside it need not be."""
    path = data_dir / ENVIRONMENT
    return json.loads(path.read_text()) if path.exists() else {}


def _remember_environment(settings: Settings, account: dict[str, Any]) -> None:
    names = ("public_url", "console_url", "handsets_url", "carrier_url", "clock_file", "runtime_dir")
    told = {name: getattr(settings, name) for name in names}
    told |= {"twilio_account_sid": account["account_sid"], "twilio_auth_token": account["auth_token"]}
    wanted = {f"{PREFIX}{name.upper()}": str(value) for name, value in told.items() if value is not None}
    if wanted != remembered_environment(settings.data_dir):
        write_private(settings.data_dir / ENVIRONMENT, json.dumps(wanted, indent=1))


def write_private(path: Path, content: str) -> None:
    """Write a file for its owner alone, whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


def _text_line(line: LinePlan, settings: Settings) -> dict[str, Any]:
    return {
        "address": line.address,
        "kind": "long" if line.two_way else "alpha",
        "parts_per_second": line.parts_per_second,
        "two_way": line.two_way,
        "receipts": True,
        "sms_url": f"{settings.public_url}{TEXTS}" if line.two_way else None,
        "sms_fallback_url": None,
    }


def _voice_line(line: VoicePlan, settings: Settings) -> dict[str, Any]:
    return {
        "address": line.address,
        "kind": "long",
        "two_way": False,
        "name": line.name,
        "voice_url": f"{settings.public_url}{CALLS}",
    }
