# SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
"""
Records sessions with a real agent into test/fixtures/agent: the wire contract as bytes, replayed by test_transcripts.py
against this agent and by the gateway's tests against its decoder and schemas.

    make OUT=DIR record

A file: {"version": 1, "about": sentence, "frames": [["gateway" | "agent", hex of the whole frame], …]}.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import client
from support import object_bytes, u32


def basics(agent):
    """Hello, ping, files, a process with its output, requests that are refused, bye."""
    agent.send(client.PING, 0, b"\1\2\3\4\5\6\7\10")
    agent.pump_until(lambda: agent.pongs, "pong")
    agent.ask("place", sha256=agent.put(b"#!/bin/sh\necho placed\n"), path="bin/hello", mode=0o755)
    stdin = agent.stream()
    pid, out, err = agent.exec("shell", "sh", "-c", "cat; bin/hello; echo error >&2; exit 3", stdin=stdin)
    agent.send(client.DATA, stdin.number, b"input\n")
    agent.send(client.END, stdin.number)
    agent.wait_exit(pid)
    out.wait_end()
    err.wait_end()
    for fields in ({"verb": "stop", "run": "unknown"}, {"verb": "map_lookup", "map_id": 0, "key": "00"}, {"verb": "nothing"}):
        try:
            agent.ask(**fields)
        except client.AgentError:
            continue
    agent.ask("stop", run="shell")


def program(agent):
    """A program from its object to its events, with map, statistics and inventory."""
    agent.load("probe", object_bytes("exec_ring"), name="exec_ring", maps={"events": {"clear_sizes": True}})
    ring = agent.subscribe("probe", "ring", map="events")
    link = agent.ask("attach", run="probe", program="on_exec")["link"]
    subprocess.run(["true"], check=True)
    agent.pump_until(ring.records, "event")
    agent.ask("detach", run="probe", link=link)
    agent.read_map(agent.maps["counts"]["id"])
    agent.ask("stats", run="probe")
    agent.ask("inventory", scope="session")
    agent.ask("stop", run="probe")


def refused(agent):
    """A refusal of the verifier with its whole log, and an object that is none."""
    for content in (object_bytes("refused"), b"no object"):
        try:
            agent.load("refused", content)
        except client.AgentError:
            agent.log.wait_end()


def maps(agent):
    """Writing wholes and parts, reading in pieces, deleting, a queue, per-CPU values."""
    agent.load("maps", object_bytes("maps"))
    number = {name: entry["id"] for name, entry in agent.maps.items()}
    agent.ask("map_update", map_id=number["hash"], entries=[{"key": u32(n), "value": u32(n) * 4} for n in range(40)])
    agent.read_map(number["hash"])
    agent.ask("map_update", map_id=number["hash"], entries=[{"key": u32(7), "offset": 4, "value": u32(70)}])
    agent.ask("map_lookup", map_id=number["hash"], key=u32(7))
    agent.ask("map_delete", map_id=number["hash"], keys=[u32(7), u32(99)])
    agent.ask("map_update", map_id=number["queue"], entries=[{"key": "", "value": u32(5)}])
    agent.ask("map_pop", map_id=number["queue"])
    agent.read_map(number["percpu_array"])
    agent.ask("stop", run="maps")


SESSIONS = (basics, program, refused, maps)


def record(session, start=client.start):
    with tempfile.TemporaryDirectory() as state:
        agent = start(state)
        agent.transcript = []
        agent.greet("recorded")
        session(agent)
        agent.bye()
        return [[entry["from"], client.frame(entry["kind"], entry["stream"], entry["payload"]).hex()] for entry in agent.transcript]


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for session in SESSIONS:
        frames = record(session)
        lines = ",\n    ".join(json.dumps(frame) for frame in frames)
        about = json.dumps(session.__doc__)
        text = f'{{\n  "version": 1,\n  "about": {about},\n  "frames": [\n    {lines}\n  ]\n}}\n'
        (folder / f"{session.__name__}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    main()
