# SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
"""Recorded sessions are played to the agent again: its answers have the recorded shapes, its streams the recorded ends."""

import json
import os
import pathlib
import struct
import subprocess
import unittest

import client
from support import AgentTest

FOLDER = pathlib.Path(os.environ.get("BPFLAB_TEST_FIXTURES") or "none")
# What changes from run to run and may be absent.
OPTIONAL = {"libbpf_log", "errno", "subject"}


def shape(value):
    """Names and types of a JSON value; a list has the shapes of its elements."""
    if isinstance(value, dict):
        return {name: shape(entry) for name, entry in value.items() if name not in OPTIONAL}
    if isinstance(value, list):
        return sorted({json.dumps(shape(entry), sort_keys=True) for entry in value})
    return "null" if value is None else type(value).__name__


def frames_of(path):
    for sender, text in json.loads(path.read_text(encoding="utf-8"))["frames"]:
        data = bytes.fromhex(text)
        _, kind, stream = struct.unpack_from("<IBI", data)
        yield sender, kind, stream, data[9:]


class Transcripts(AgentTest):
    def replay(self, path):
        recorded, map_ids, ended = {}, {}, set()
        self.seen = {}
        for sender, kind, stream, payload in list(frames_of(path))[2:]:
            if sender == "gateway":
                self.play(kind, stream, payload, map_ids)
            elif kind == client.REPLY:
                reply = json.loads(payload)
                recorded[reply["id"]] = reply
                self.check(reply, map_ids)
            elif kind == client.END:
                ended.add(stream)
                self.wait_end(stream)
        self.assertEqual(set(recorded), set(self.seen))

    def play(self, kind, stream, payload, map_ids):
        if kind in (client.PONG, client.CREDIT):
            return
        if kind == client.REQUEST:
            request = json.loads(payload)
            if "map_id" in request:
                request["map_id"] = map_ids.get(request["map_id"], request["map_id"])
            for field in ("stream", "stdout", "stderr", "log_stream"):
                if field in request:
                    number = request[field]
                    self.agent.streams[number] = client.Stream(self.agent, number)
            if request["verb"] == "detach":
                # The recorded program was hit by a process.
                subprocess.run(["true"], check=True)
            payload = json.dumps(request).encode()
        self.agent.send(kind, stream, payload)

    def check(self, reply, map_ids):
        number = reply["id"]
        self.agent.pump_until(lambda: number in self.agent.replies, f"reply {number}")
        answer = self.seen[number] = self.agent.replies.pop(number)
        self.assertEqual(shape(reply), shape(answer), (reply, answer))
        if not reply["ok"]:
            self.assertEqual(reply["error"]["code"], answer["error"]["code"])
        elif "maps" in reply["result"] and "programs" in reply["result"]:
            for old, new in zip(reply["result"]["maps"], answer["result"]["maps"]):
                map_ids[old["id"]] = new["id"]

    def wait_end(self, stream):
        if stream in self.agent.streams:
            self.agent.streams[stream].wait_end()

    def test_every_recorded_session(self):
        paths = sorted(FOLDER.glob("*.json"))
        if not paths:
            self.skipTest("no recorded sessions here")
        for path in paths:
            with self.subTest(session=path.stem):
                try:
                    self.replay(path)
                    self.assertEqual(0, self.agent.process.wait(client.TIMEOUT_S))
                finally:
                    self.agent.close()
                    self.agent.process.wait(client.TIMEOUT_S)
                    self.agent = client.start(self.state)
                    self.hello = self.agent.greet()


if __name__ == "__main__":
    unittest.main()
