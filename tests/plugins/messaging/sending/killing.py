"""Workers that are killed while they send, and the server that they send to: run as scripts by the test of kills.

``python -m … serve PORT LOG`` takes mail and writes down the Message-ID of each before it says so;
``python -m … kill URL OPTIONS KILLS LOG`` starts workers and kills them, two at a time, and prints how many it killed.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import threading
import time
from email import message_from_bytes
from typing import Any


def serve(port: int, log: str) -> None:
    """Take mail until killed."""
    from aiosmtpd.controller import UnthreadedController

    chance = random.Random(7)
    file = os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)

    class Handler:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            mail = message_from_bytes(envelope.content)
            os.write(file, f"{mail['Message-ID']}\t{envelope.rcpt_tos[0]}\n".encode())
            os.fsync(file)
            # Long enough that a worker may be killed while the mail is taken and it does not know yet.
            await asyncio.sleep(chance.choice([0, 0.003, 0.02]))
            return "250 OK"

    loop = asyncio.new_event_loop()
    controller = UnthreadedController(Handler(), hostname="127.0.0.1", port=port, loop=loop)
    controller.begin()
    print("ready", flush=True)
    loop.run_forever()


def work(url: str, options: dict[str, Any], ready: int) -> None:
    """Carry out what is due, as a worker does, until killed."""
    from crmkit.app import CRM
    from crmkit.core.store.actor import Actor
    from crmkit.settings import Settings

    crm = CRM.open(Settings(database=url, options=options))
    # The job of a worker that was killed comes again when its lease is over: here somebody has just sent something.
    crm.run(Actor.system("a test"), "messaging.message.wake", {"channel": "email"})
    os.write(ready, b"1")
    crm.worker().run(threading.Event())


def warmed(url: str, options: dict[str, Any]) -> None:
    """Do once what each worker would do at its start, and let go of the database."""
    from crmkit.app import CRM
    from crmkit.core.store.actor import Actor
    from crmkit.settings import Settings

    with CRM.open(Settings(database=url, options=options)) as crm:
        crm.run(Actor.system("a test"), "messaging.message.depart", {"channel": "sms"})
        crm.run(Actor.system("a test"), "messaging.message.wake", {"channel": "email"})


def kill(url: str, options: dict[str, Any], kills: int, log: str) -> None:
    """Start workers and kill each while it sends."""
    from tests.servers.compiled import compiled_once

    with compiled_once():
        warmed(url, options)
        kill_workers(url, options, kills, log)


def kill_workers(url: str, options: dict[str, Any], kills: int, log: str) -> None:
    """Start workers, two at a time, and print how many were killed."""
    chance, done = random.Random(11), 0
    while done < kills:
        workers: list[int] = []
        for _each in range(min(2, kills - done)):
            reading, writing = os.pipe()
            pid = os.fork()
            if pid == 0:
                try:
                    work(url, options, writing)
                finally:
                    os._exit(0)
            os.close(writing)
            os.read(reading, 1)
            os.close(reading)
            workers.append(pid)
        for pid in workers:
            # However slow the machine is: once something is being sent, at any instant of it.
            size, until = os.path.getsize(log), time.monotonic() + 20
            while os.path.getsize(log) == size and time.monotonic() < until:
                time.sleep(0.001)
            time.sleep(chance.uniform(0.0, 0.06))
            os.kill(pid, signal.SIGKILL)
            _pid, status = os.waitpid(pid, 0)
            done += os.WIFSIGNALED(status)
    print(done, flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]), sys.argv[3])
    else:
        kill(sys.argv[2], json.loads(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
