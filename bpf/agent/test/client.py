# SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
"""The gateway's side of the agent's frames, for the agent's own tests."""

import hashlib
import json
import os
import selectors
import socket
import struct
import subprocess
import time

HELLO, REQUEST, REPLY, EVENT, DATA, END, CREDIT, PING, PONG = range(1, 10)
INITIAL_CREDIT = 1024 * 1024
TIMEOUT_S = float(os.environ.get("BPFLAB_TEST_TIMEOUT", "20"))


class AgentError(Exception):
    """A failed reply; `error` is its JSON."""

    def __init__(self, error):
        super().__init__(f"{error['code']} {error.get('errno', '')}: {error['message']}")
        self.error = error
        self.code = error["code"]


def frame(kind, stream, payload=b""):
    return struct.pack("<IBI", len(payload) + 5, kind, stream) + payload


def records(payload):
    """(seq, lost, mono_ns, [(cpu, bytes)]) of a DATA payload of a record stream."""
    seq, lost, mono = struct.unpack_from("<QQQ", payload)
    at, found = 24, []
    while at < len(payload):
        length, cpu = struct.unpack_from("<II", payload, at)
        at += 8
        found.append((cpu, payload[at : at + length]))
        at += (length + 7) // 8 * 8
    assert at == len(payload), "padding"
    return seq, lost, mono, found


class Stream:
    def __init__(self, client, number):
        self.client, self.number = client, number
        self.payloads, self.ended, self.give_credit = [], False, True

    def bytes(self):
        return b"".join(self.payloads)

    def records(self):
        return [record for payload in self.payloads for record in records(payload)[3]]

    def lost(self):
        return records(self.payloads[-1])[1] if self.payloads else 0

    def wait_end(self, timeout=TIMEOUT_S):
        self.client.pump_until(lambda: self.ended, f"end of stream {self.number}", timeout)
        return self


class Client:
    """One connection: frames out by `send`, replies and streams in by `pump`."""

    def __init__(self, reader, writer, process=None, transcript=None):
        self.reader, self.writer, self.process = reader, writer, process
        self.transcript = transcript
        self.buffer = bytearray()
        self.replies, self.events, self.streams = {}, [], {}
        self.hello, self.next_id, self.next_stream, self.closed, self.pongs = None, 1, 1, False, []
        self.frames_seen = 0
        self.fails_on_swept = True
        os.set_blocking(reader, False)

    # -- out

    def send(self, kind, stream, payload=b""):
        if self.transcript is not None:
            self.transcript.append({"from": "gateway", "kind": kind, "stream": stream, "payload": payload})
        self.send_raw(frame(kind, stream, payload))

    def send_raw(self, data):
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self.writer, view) :]
            except BlockingIOError:
                self.pump(0.01)

    def greet(self, session="test", **more):
        value = {"protocol": 1, "session": session, "after": "0", "lease_s": 10, **more}
        self.hello = None
        self.send(HELLO, 0, json.dumps(value).encode())
        self.pump_until(lambda: self.hello is not None, "hello")
        return self.hello

    def post(self, verb, **fields):
        number = self.next_id
        self.next_id += 1
        self.send(REQUEST, 0, json.dumps({"id": number, "verb": verb, **fields}).encode())
        return number

    def wait(self, number, timeout=TIMEOUT_S):
        self.pump_until(lambda: number in self.replies, f"reply {number}", timeout)
        reply = self.replies.pop(number)
        if not reply["ok"]:
            raise AgentError(reply["error"])
        return reply["result"]

    def ask(self, verb, timeout=TIMEOUT_S, **fields):
        return self.wait(self.post(verb, **fields), timeout)

    def stream(self, give_credit=True):
        stream = Stream(self, self.next_stream)
        stream.give_credit = give_credit
        self.streams[self.next_stream] = stream
        self.next_stream += 1
        return stream

    def put(self, content):
        digest = hashlib.sha256(content).hexdigest()
        stream = self.stream()
        if not self.ask("put", stream=stream.number, sha256=digest, size=len(content))["have"]:
            for at in range(0, len(content), 65536):
                self.send(DATA, stream.number, content[at : at + 65536])
            self.send(END, stream.number)
        return digest

    def load(self, run, content, name="test", **more):
        log = self.stream()
        self.log = log
        result = self.ask("load", run=run, sha256=self.put(content), object_name=name, log_stream=log.number, **more)
        self.maps = {entry["name"]: entry for entry in result["maps"]}
        return result

    def subscribe(self, run, source, give_credit=True, **more):
        stream = self.stream(give_credit)
        self.ask("subscribe", run=run, stream=stream.number, source=source, **more)
        return stream

    def exec(self, run, *argv, stdin=None, **more):
        out, err = self.stream(), self.stream()
        fields = {"argv": list(argv), "stdout": out.number, "stderr": err.number, **more}
        if stdin is not None:
            fields["stdin"] = stdin.number
        pid = self.ask("exec", run=run, **fields)["pid"]
        return pid, out, err

    def wait_exit(self, pid, timeout=TIMEOUT_S):
        def found():
            return next((e for e in self.events if e["event"] == "exited" and e["pid"] == pid), None)

        self.pump_until(lambda: found() is not None, f"exit of {pid}", timeout)
        return found()

    def read_map(self, number, **more):
        stream = self.stream()
        request = self.post("map_read", map_id=number, stream=stream.number, **more)
        result = self.wait(request)
        stream.wait_end()
        return result, [record for _, record in stream.records()]

    # -- in

    def pump(self, timeout):
        """Reads what comes within `timeout` seconds, at least once; False when nothing came."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.reader, selectors.EVENT_READ)
            if not selector.select(timeout):
                return False
        try:
            data = os.read(self.reader, 1 << 20)
        except BlockingIOError:
            return False
        if not data:
            self.closed = True
            return False
        self.buffer += data
        self.decode()
        return True

    def decode(self):
        at = 0
        while len(self.buffer) - at >= 9:
            length, kind, stream = struct.unpack_from("<IBI", self.buffer, at)
            if len(self.buffer) - at - 4 < length:
                break
            self.serve(kind, stream, bytes(self.buffer[at + 9 : at + 4 + length]))
            at += 4 + length
        del self.buffer[:at]

    def serve(self, kind, stream, payload):
        if self.transcript is not None:
            self.transcript.append({"from": "agent", "kind": kind, "stream": stream, "payload": payload})
        if kind not in (HELLO, PING, PONG):
            self.frames_seen += 1
        if kind == HELLO:
            self.hello = json.loads(payload)
        elif kind == REPLY:
            reply = json.loads(payload)
            self.replies[reply["id"]] = reply
        elif kind == EVENT:
            self.events.append(json.loads(payload))
        elif kind == DATA:
            target = self.streams[stream]
            target.payloads.append(payload)
            if target.give_credit:
                self.send_raw(frame(CREDIT, stream, struct.pack("<I", len(payload))))
        elif kind == END:
            self.streams[stream].ended = True
        elif kind == PING:
            self.send_raw(frame(PONG, 0, payload))
        elif kind == PONG:
            self.pongs.append(payload)

    def pump_until(self, condition, what, timeout=TIMEOUT_S):
        deadline = time.monotonic() + timeout
        while not condition():
            left = deadline - time.monotonic()
            if self.closed or left <= 0 or (self.fails_on_swept and self.was_swept()):
                raise TimeoutError(f"no {what}" + (" (the channel is closed)" if self.closed else f" {self.was_swept() or ''}"))
            self.pump(min(left, 1))

    def was_swept(self):
        return next((event for event in self.events if event["event"] == "swept"), None)

    # -- end

    def bye(self):
        """The agent of a pipe ends by itself after its reply, with status 0 when nothing went wrong at the end either."""
        self.ask("bye")
        status = self.process.wait(TIMEOUT_S)
        self.close()
        return status

    def close(self):
        for descriptor in {self.reader, self.writer}:
            os.close(descriptor)
        self.closed = True
        return self.process.wait(TIMEOUT_S) if self.process else 0


def start(state, transcript=None, stderr=None, prepare=None):
    """An agent of our own on pipes; `prepare` is called in its process before it is the agent."""
    process = subprocess.Popen(
        [os.environ["BPFLAB_AGENT"], "supervise", "--stdio", "--state", state],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        bufsize=0,
        preexec_fn=prepare,
    )
    reader, writer = os.dup(process.stdout.fileno()), os.dup(process.stdin.fileno())
    process.stdout.close()
    process.stdin.close()
    return Client(reader, writer, process, transcript)


def connect(path):
    """A connection to the socket of a supervisor that runs."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    descriptor = connection.detach()
    return Client(descriptor, descriptor)
