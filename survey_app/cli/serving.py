"""`pingyi serve` and `pingyi demo`."""

from __future__ import annotations

import errno
import gc
import logging
import os
import signal
import socket
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survey_app.cli.speaking import UsageRefused, say

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from survey_app.config import Config
    from survey_app.shell import Shell

THREADS = 16
"""Those who wait for a commit hold one each; the others go on serving."""
MOST_CONNECTIONS = 900
"""Phones keep theirs open for a while; below the 1,024 files that a process may usually open."""
IDLE_SECONDS = 30
SENT_WHOLE = 256 * 1024
"""
Bytes of an answer below which it goes out in one piece, sent by the thread that watches all connections once the answer is whole. Sent in two, head
and page, by the thread that made it, an answer keeps the watching thread turning for nothing meanwhile, which took more than half of a busy
server's time. Nothing here is made piece by piece over a long time, where this would be the worse way.
"""
GARBAGE = 20_000
"""
Objects made and kept after which Python looks for rings of dead ones: by default 700, which a busy server makes many times a second. Nearly all of
what a request makes goes without that.
"""


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--lan", is_flag=True, help="Serve the local network, so that a phone can scan.")
@click.option("--demo", "with_demo", is_flag=True, help="Load the demo county on first start and print links into it.")
def serve(port: int, host: str, lan: bool, with_demo: bool) -> None:
    """Serve the app; Ctrl-C ends it."""
    from survey_app import create_app
    from survey_app.connections import limit_connections
    from survey_app.opening import open_shell
    from survey_app.services.worker import start_worker

    config = served_config(port, host, lan)
    sockets = take_port("0.0.0.0" if lan else host, port)
    shell: Shell | None = None
    try:
        end_at_terminate()
        shell = open_shell(config)
        app = create_app(shell=shell)
        if with_demo:
            load_demo_once(shell)
        start_worker(shell)
        server = make_server(app, sockets, trusts_proxies=bool(config.trusted_proxies))
        limit_connections(server, app)
        if with_demo:
            print_links(shell)
        click.echo(
            say(f"Serving at {config.base_url} (Ctrl-C ends it)", f"已启动：{config.base_url}（按 Ctrl-C 结束）")
        )
        spare_collector()
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        for one in sockets:
            one.close()
        if shell is not None:
            shell.close()
    click.echo(say("\nEnded.", "\n已结束。"))


def make_server(app: WSGIApplication, sockets: list[socket.socket], *, trusts_proxies: bool = False) -> Any:
    """Return the server of an app, to be run."""
    from waitress import create_server

    from survey_app.connections import LARGEST_BODY
    from survey_app.dispatcher import Dispatcher

    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a line a waiting request says nothing
    server = create_server(
        app,
        sockets=sockets,
        _dispatcher=Dispatcher(THREADS),
        max_request_body_size=LARGEST_BODY,
        ident="",
        connection_limit=MOST_CONNECTIONS,
        channel_timeout=IDLE_SECONDS,
        cleanup_interval=10,
        asyncore_use_poll=True,  # select() ends at 1,024
        clear_untrusted_proxy_headers=not trusts_proxies,  # the app believes as many as it was told
    )
    server.adj.send_bytes = (
        SENT_WHOLE  # set here, since as an argument it is deprecated; a version without it would only be slower
    )
    return server


def spare_collector() -> None:
    """Let Python's collector leave alone what was loaded to stay, and look through the rest less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE)


def take_port(host: str, port: int) -> list[socket.socket]:
    """
    Bind the port at each address of the host, before anything else is done.

    Raises
    ------
    UsageRefused
        If the port is taken, or the address is not this computer's.
    """
    taken: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, address in dict.fromkeys((family, address) for family, _, _, _, address in found):
            taken.append(_bound(family, address))
    except (OSError, UnicodeError) as error:
        for one in taken:
            one.close()
        raise _not_taken(host, port, error) from error
    return taken


def _bound(family: int, address: Any) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name != "nt":  # there it would let two programs share the port
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
        bound.listen()  # on Linux only this finds another listener
    except OSError:
        bound.close()
        raise
    return bound


def _not_taken(host: str, port: int, error: Exception) -> UsageRefused:
    if isinstance(error, OSError) and error.errno in (errno.EADDRINUSE, errno.EACCES):
        return UsageRefused(
            en=f"port {port} is taken; end the other program or choose another: make run PORT=8001",
            zh=f"端口 {port} 已被占用，请关闭占用它的程序，或换一个端口：make run PORT=8001",
        )
    if isinstance(error, socket.gaierror | UnicodeError):
        return _foreign_host(host, say("the name is not known", "名称无法解析"))
    return _foreign_host(host, getattr(error, "strerror", None) or str(error))


def _foreign_host(host: str, reason: str) -> UsageRefused:
    return UsageRefused(
        en=f"--host must be an address of this computer, {host} cannot be listened on ({reason}); "
        "leave it out, or use --lan for the local network",
        zh=f"--host 应为本机地址，无法在 {host} 上监听（{reason}）；请去掉该选项，或用 --lan 供局域网访问",
    )


def end_at_terminate() -> None:
    """Let a request to terminate end the server as Ctrl-C does."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread():  # signals reach no other
        signal.signal(signal.SIGTERM, interrupt)


@click.command()
@click.option(
    "--frames",
    type=click.Path(file_okay=False, path_type=Path),
    help="Only write the two demo frames into this folder.",
)
def demo(frames: Path | None) -> None:
    """Load the fictional demo county into an empty installation, or write its frames."""
    from survey_app.services.demo import write_demo_frames

    if frames is not None:
        write_demo_frames(frames)
        click.echo(
            say(f"frame.csv and faulty.csv written into {frames}", f"已将 frame.csv 与 faulty.csv 写入 {frames}")
        )
        return
    from survey_app.config import load_config
    from survey_app.opening import open_shell

    shell = open_shell(load_config())
    if not load_demo_once(shell):
        click.echo(say("there is a county already; nothing was changed", "已有县区，未作改动"), err=True)
        raise SystemExit(1)
    print_links(shell)


def served_config(port: int, host: str, lan: bool) -> Config:
    """Return the settings, with the address that cards carry taken from where we serve unless it was set."""
    from survey_app.config import load_config

    config = load_config()
    if os.environ.get("PINGYI_BASE_URL"):
        return config
    shown = lan_address() if lan else ("127.0.0.1" if host in ("0.0.0.0", "::") else host)
    return replace(config, base_url=f"http://{shown}:{port}")


def lan_address() -> str:
    """Return this computer's address in the local network; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def load_demo_once(shell: Shell) -> bool:
    """Load the demo county where there is no county yet; tell whether it was loaded."""
    from survey_app.services import demo as service

    if not service.wants_demo(shell):
        return False
    click.echo(say("First start: loading the demo county …", "首次启动：正在载入演示县……"))
    steps = {
        "frame": say("  making and sealing its frame (about 110,000 units)", "  生成并封存抽样框（约11万个单位）"),
        "draw": say("  drawing the sample and opening the fieldwork", "  抽取样本并开始调查"),
    }
    service.load_demo(shell, lambda step: click.echo(steps[step]))
    return True


def print_links(shell: Shell) -> None:
    """Print links into the demo county that need no typing."""
    from survey_app.services.demo import demo_links

    links = demo_links(shell)
    if links is None:
        return
    rows = [
        (say("office (once)", "调查队（一次有效）"), links.office),
        (say("supervisor (once)", "督导员（一次有效）"), links.supervisor),
        (say("investigator (once)", "调查员（一次有效）"), links.investigator),
    ]
    groups = {
        "delegates": say("delegate", "代表委员"),
        "enterprise": say("enterprise operator", "企业经营者"),
        "urban": say("urban household", "城镇居民户"),
        "rural": say("rural household", "农村居民户"),
    }
    rows += [
        (say("respondent, ", "被调查人·") + groups.get(group, group), link) for group, link in links.respondents.items()
    ]
    rows.append((say("public page", "公开页面"), links.public))
    click.echo(say("\nDemo data 演示数据. Open:", "\n演示数据，可直接打开："))
    for label, link in rows:
        click.echo(f"  {label}\n    {link}")
    click.echo("")
