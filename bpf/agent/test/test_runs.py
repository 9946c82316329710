# SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
"""Loading, attaching, streams of events, stopping."""

import os
import struct
import subprocess
import threading
import unittest

import client
from support import AgentTest, globals_of, object_bytes, u32


class Load(AgentTest):
    def test_reports_what_was_loaded(self):
        result = self.agent.load("r", object_bytes("exec_ring"), maps={"events": {"clear_sizes": True}})
        (program,) = result["programs"]
        self.assertEqual("on_exec", program["name"])
        self.assertEqual("tracepoint", program["type"])
        self.assertGreater(program["verified_insns"], 10)
        self.assertRegex(program["tag"], r"^[0-9a-f]{16}$")
        self.assertEqual("ringbuf", self.agent.maps["events"]["type"])
        self.assertEqual(0, self.agent.maps["events"]["value_size"])
        self.assertEqual(b"", self.agent.log.wait_end().bytes())
        self.assertEqual([], [event for event in self.agent.events if event["event"] == "log"])

    def test_a_content_is_put_once(self):
        content = object_bytes("exec_ring")
        digest = self.agent.put(content)
        stream = self.agent.stream()
        self.assertTrue(self.agent.ask("put", sha256=digest, size=len(content), stream=stream.number)["have"])

    def test_the_whole_log_of_a_refusal_is_delivered(self):
        with self.assertRaises(client.AgentError) as caught:
            self.agent.load("r", object_bytes("refused"))
        error = caught.exception.error
        self.assertEqual("BPFLAB_VERIFIER_REJECTED", error["code"])
        self.assertEqual("no_check", error["subject"])
        self.assertEqual("EACCES", error["errno"])
        log = self.agent.log.wait_end().bytes().decode()
        self.assertIn("map_value_or_null", log)
        self.assertIn("processed", log)
        self.fails("BPFLAB_RUN_UNKNOWN", "stop", run="r")

    def test_the_log_of_an_accepted_program_comes_on_request(self):
        content = object_bytes("exec_ring")
        options = {"maps": {"events": {"clear_sizes": True}}}
        self.agent.load("r", content, programs={"on_exec": {"log_level": 2}}, **options)
        log = self.agent.log.wait_end().bytes().decode()
        self.assertIn("prog 'on_exec': -- BEGIN PROG LOAD LOG --", log)
        self.assertIn("R1=ctx()", log)
        self.agent.load("s", content, programs={"on_exec": {"log_level": 4}}, **options)
        self.assertIn("processed", self.agent.log.wait_end().bytes().decode())

    def test_an_unknown_section_is_a_typed_error(self):
        with self.assertRaises(client.AgentError) as caught:
            self.agent.load("r", object_bytes("refused"), programs={"no_check": {"autoload": False}, "unknown": {"autoload": True}})
        self.assertEqual("BPFLAB_OBJECT_SECTION_UNKNOWN", caught.exception.code)
        self.assertEqual("unknown", caught.exception.error["subject"])
        self.assertIn("nonsense/section", str(caught.exception))

    def test_what_is_no_object_is_a_typed_error(self):
        for content in (b"", b"not an ELF", object_bytes("exec_ring")[:2000], b"\x7fELF" + bytes(60)):
            with self.subTest(length=len(content)), self.assertRaises(client.AgentError) as caught:
                self.agent.load("r", content)
            self.assertEqual("BPFLAB_OBJECT_INVALID", caught.exception.code)

    def test_a_map_that_is_too_large_is_named(self):
        with self.assertRaises(client.AgentError) as caught:
            self.agent.load("r", object_bytes("maps"), maps={"hash": {"max_entries": 4294967295}})
        self.assertEqual("BPFLAB_LOAD_MAP", caught.exception.code)
        self.assertEqual("hash", caught.exception.error["subject"])

    def test_globals_are_written_before_load(self):
        self.agent.load(
            "r",
            object_bytes("exec_ring"),
            maps={"events": {"clear_sizes": True}},
            globals=[{"map": ".rodata", "offset": 0, "bytes": u32(1)}, {"map": ".bss", "offset": 0, "bytes": "2a" + "00" * 7}],
        )
        self.assertEqual(42, struct.unpack_from("<Q", globals_of(self.agent))[0])
        self.assertEqual(1, struct.unpack_from("<I", globals_of(self.agent, ".rodata"))[0])

    def test_globals_outside_are_refused(self):
        for place in ({"map": ".rodata", "offset": 4096, "bytes": "00"}, {"map": ".data.none", "offset": 0, "bytes": "00"}, {"map": "events", "offset": 0, "bytes": "00"}):
            with self.subTest(place=place), self.assertRaises(client.AgentError) as caught:
                self.agent.load("r", object_bytes("exec_ring"), globals=[place])
            self.assertEqual("BPFLAB_GLOBAL_UNKNOWN", caught.exception.code)

    def test_a_map_is_used_again(self):
        self.agent.load("a", object_bytes("maps"))
        number = self.agent.maps["hash"]["id"]
        self.agent.ask("map_update", map_id=number, entries=[{"key": u32(1), "value": "11" * 16}])
        self.agent.load("b", object_bytes("maps"), maps={"hash": {"reuse_id": number}})
        self.assertEqual(number, self.agent.maps["hash"]["id"])
        self.agent.ask("stop", run="a")
        self.assertTrue(self.agent.ask("map_lookup", map_id=number, key=u32(1))["found"])
        with self.assertRaises(client.AgentError) as caught:
            self.agent.load("c", object_bytes("maps"), maps={"lru": {"reuse_id": number}})
        self.assertEqual("BPFLAB_LOAD_MAP", caught.exception.code)

    def test_a_pin_lives_in_the_session_and_goes_with_it(self):
        self.agent.load("a", object_bytes("maps"), maps={"hash": {"pin": "kept"}})
        number = self.agent.maps["hash"]["id"]
        self.agent.ask("stop", run="a")
        self.agent.load("b", object_bytes("maps"), maps={"hash": {"pin": "kept"}})
        self.assertEqual(number, self.agent.maps["hash"]["id"])
        with self.assertRaises(client.AgentError):
            self.agent.load("c", object_bytes("maps"), maps={"hash": {"pin": "../escape"}})

    def test_minimal_btf_is_taken_for_relocation(self):
        with open("/sys/kernel/btf/vmlinux", "rb") as file:
            digest = self.agent.put(file.read())
        self.agent.load("r", object_bytes("iterator"), core_btf=digest)
        with self.assertRaises(client.AgentError):
            self.agent.load("s", object_bytes("iterator"), core_btf=self.agent.put(b"no btf"))

    def test_requests_for_a_run_that_loads_wait_for_it(self):
        digest = self.agent.put(object_bytes("maps"))
        log = self.agent.stream()
        load = self.agent.post("load", run="r", sha256=digest, object_name="x", log_stream=log.number)
        attach = self.agent.post("attach", run="r", program="on_getpgid")
        stop = self.agent.post("stop", run="r")
        self.agent.wait(load)
        self.assertEqual(1, self.agent.wait(attach)["link"])
        self.agent.wait(stop)


class Events(AgentTest):
    def load_exec(self, run="r"):
        result = self.agent.load(run, object_bytes("exec_ring"), maps={"events": {"clear_sizes": True}})
        return result["programs"][0]["id"]

    def test_ring_records_arrive_whole_and_in_order(self):
        self.load_exec()
        ring = self.agent.subscribe("r", "ring", map="events")
        self.agent.ask("attach", run="r", program="on_exec")
        for _ in range(20):
            subprocess.run(["true"], check=True)
        self.agent.ask("stop", run="r")
        found = [struct.unpack("<QI16s4x", record) for _, record in ring.wait_end().records()]
        self.assertGreaterEqual(len(found), 20)
        self.assertEqual(list(range(len(found))), [number for number, _, _ in found])
        self.assertGreaterEqual(sum(name.rstrip(b"\0") == b"true" for _, _, name in found), 20)
        self.assertEqual(0, ring.lost())

    def test_the_first_event_after_silence_comes_at_once(self):
        self.load_exec()
        ring = self.agent.subscribe("r", "ring", map="events")
        self.agent.ask("attach", run="r", program="on_exec")
        for _ in range(3):
            before = len(ring.payloads)
            subprocess.run(["true"], check=True)
            self.agent.pump_until(lambda before=before: len(ring.payloads) > before, "event", 1)

    def test_printk_lines_come_from_the_private_instance(self):
        self.load_exec()
        printk = self.agent.subscribe("r", "printk")
        self.agent.ask("attach", run="r", program="on_exec")
        subprocess.run(["true"], check=True)
        self.agent.pump_until(lambda: any(b"~test~ exec of true" in line for _, line in printk.records()), "printk")
        line = next(line for _, line in printk.records() if b"exec of true" in line)
        self.assertNotIn(b"\n", line)
        self.assertIn(b"bpf_trace_printk: ", line)

    def test_perf_records_carry_their_cpu(self):
        self.agent.load("r", object_bytes("maps"), globals=[{"map": ".rodata", "offset": 0, "bytes": u32(os.getpid())}])
        perf = self.agent.subscribe("r", "perf", map="samples")
        self.agent.ask("attach", run="r", program="on_getpgid")
        self.touch(10)
        self.agent.pump_until(lambda: len(perf.records()) >= 10, "samples")
        for cpu, record in perf.records():
            self.assertLess(cpu, self.hello["cpus_possible"])
            self.assertEqual((os.getpid(), 7), struct.unpack_from("<I4xQ", record))

    def test_an_iterator_prints_once_and_ends(self):
        self.agent.load("r", object_bytes("iterator"))
        link = self.agent.ask("attach", run="r", program="print_task")["link"]
        text = b"".join(record for _, record in self.agent.subscribe("r", "iter", link=link).wait_end().records())
        self.assertIn(f"\n{os.getpid()} ".encode(), text)
        again = self.agent.subscribe("r", "iter", link=link).wait_end()
        self.assertGreater(len(again.records()), 0)

    def test_a_tiny_ring_loses_nothing_at_a_walking_pace(self):
        self.agent.load("r", object_bytes("maps"), globals=[{"map": ".rodata", "offset": 0, "bytes": u32(os.getpid())}])
        ring = self.agent.subscribe("r", "ring", map="tiny")
        self.agent.ask("attach", run="r", program="on_getpgid")
        for count in range(1, 201):
            self.touch()
            self.agent.pump_until(lambda count=count: len(ring.payloads) and len(ring.records()) >= count, "record", 5)

    def test_losses_of_a_client_that_gives_no_credit_are_counted(self):
        self.agent.load("r", object_bytes("flood"))
        ring = self.agent.subscribe("r", "ring", map="events", give_credit=False)
        kept = threading.Event()
        for _ in range(12):
            self.agent.ask("test_run", run="r", program="flood", data="00" * 64, repeat=500)
            kept.wait(0.25)
        self.agent.streams[ring.number].give_credit = True
        self.agent.send(client.CREDIT, ring.number, struct.pack("<I", 64 << 20))
        self.agent.ask("test_run", run="r", program="flood", data="00" * 64, repeat=10)
        produced, failed = self.flood_counts()
        self.agent.ask("stop", run="r")
        records = [struct.unpack_from("<Q", record)[0] for _, record in ring.wait_end().records()]
        self.assertGreater(ring.lost(), 0)
        self.assertEqual(produced, len(records) + ring.lost())
        self.assertEqual(sorted(set(records)), records)
        self.assertGreaterEqual(failed, 0)

    def test_a_client_that_is_slow_for_longer_than_a_stall_loses_nothing(self):
        self.agent.load("r", object_bytes("flood"))
        ring = self.agent.subscribe("r", "ring", map="events")
        self.agent.send(client.CREDIT, ring.number, struct.pack("<I", 64 << 20))
        slow = threading.Event()
        posted = []
        for _ in range(60):
            posted.append(self.agent.post("test_run", run="r", program="flood", data="00" * 64, repeat=500))
            self.agent.pump(1)
            slow.wait(0.05)
        for number in posted:
            self.agent.wait(number)
        produced, failed = self.flood_counts()
        self.agent.ask("stop", run="r")
        records = ring.wait_end().records()
        self.assertGreater(failed, 0, "the ring was full")
        self.assertEqual((produced, 0), (len(records), ring.lost()))

    def flood_counts(self):
        data = globals_of(self.agent)
        failed, produced, _ = struct.unpack("<QQQ", data)
        return produced, failed

    def test_a_client_that_keeps_up_loses_nothing(self):
        self.agent.load("r", object_bytes("flood"))
        ring = self.agent.subscribe("r", "ring", map="events")
        for _ in range(20):
            self.agent.ask("test_run", run="r", program="flood", data="00" * 64, repeat=200)
        produced, _ = self.flood_counts()
        self.agent.ask("stop", run="r")
        total = 0
        for index, (_, record) in enumerate(ring.wait_end().records()):
            number, square, checksum, low, high = struct.unpack("<QQQII", record)
            self.assertEqual((index, index * index, total), (number, square, checksum))
            self.assertEqual(0xFFFFFFFF, low ^ high)
            total += number * 31
        self.assertEqual(produced, index + 1)
        self.assertEqual(0, ring.lost())

    def test_unsubscribe_ends_the_stream_and_a_new_one_goes_on(self):
        self.load_exec()
        ring = self.agent.subscribe("r", "ring", map="events")
        self.agent.ask("unsubscribe", stream=ring.number)
        ring.wait_end()
        self.agent.ask("attach", run="r", program="on_exec")
        subprocess.run(["true"], check=True)
        again = self.agent.subscribe("r", "ring", map="events")
        self.agent.pump_until(again.records, "record")

    def test_subscriptions_to_what_is_not_there_are_refused(self):
        self.load_exec()
        for code, fields in (
            ("BPFLAB_MAP_UNKNOWN", {"source": "ring", "map": "none"}),
            ("BPFLAB_MAP_OPERATION", {"source": "ring", "map": "counts"}),
            ("BPFLAB_MAP_OPERATION", {"source": "perf", "map": "counts"}),
            ("BPFLAB_AGENT_REQUEST", {"source": "iter", "link": 7}),
            ("BPFLAB_AGENT_REQUEST", {"source": "else"}),
        ):
            with self.subTest(fields=fields):
                self.fails(code, "subscribe", run="r", stream=self.agent.stream().number, **fields)


class Stop(AgentTest):
    def test_nothing_is_left_when_the_reply_comes(self):
        result = self.agent.load("r", object_bytes("maps"))
        link = self.agent.ask("attach", run="r", program="on_getpgid")
        self.agent.ask("stop", run="r")
        left = self.agent.ask("inventory", scope="target")
        self.assertNotIn(result["programs"][0]["id"], [entry["id"] for entry in left["programs"]])
        self.assertEqual([], [entry["name"] for entry in left["maps"] if entry["id"] in {m["id"] for m in result["maps"]}])
        self.assertNotIn(link["link_id"], [entry["id"] for entry in left["links"]])
        self.fails("BPFLAB_RUN_UNKNOWN", "stop", run="r")

    def test_detach_keeps_the_program(self):
        self.agent.load("r", object_bytes("maps"))
        link = self.agent.ask("attach", run="r", program="on_getpgid")["link"]
        self.agent.ask("detach", run="r", link=link)
        self.fails("BPFLAB_AGENT_REQUEST", "detach", run="r", link=link)
        self.assertEqual(1, len(self.agent.ask("inventory", scope="session")["programs"]))
        self.agent.ask("attach", run="r", program="on_getpgid")

    def test_statistics_are_kept_while_a_run_lives(self):
        self.agent.load("r", object_bytes("maps"))
        self.agent.ask("attach", run="r", program="on_getpgid")
        self.touch(100)
        (program,) = self.agent.ask("stats", run="r")["programs"]
        self.assertGreaterEqual(int(program["run_count"]), 100)
        self.assertGreater(int(program["run_time_ns"]), 0)

    def test_inventory_knows_the_owner(self):
        self.agent.load("r", object_bytes("maps"))
        link = self.agent.ask("attach", run="r", program="on_getpgid")
        inventory = self.agent.ask("inventory", scope="target")
        program = next(entry for entry in inventory["programs"] if entry["name"] == "on_getpgid")
        self.assertEqual(("test", "r"), (program["session"], program["run"]))
        self.assertIn(self.hello["worker_pid"], program["pids"])
        if link["link_id"]:
            self.assertIn(link["link_id"], [entry["id"] for entry in inventory["links"]])

    def test_fifty_cycles_leave_nothing(self):
        before = self.agent.ask("inventory", scope="target")
        content = object_bytes("exec_ring")
        for _ in range(50):
            self.agent.load("r", content, maps={"events": {"clear_sizes": True}})
            self.agent.subscribe("r", "ring", map="events")
            self.agent.subscribe("r", "printk")
            self.agent.ask("attach", run="r", program="on_exec")
            self.agent.ask("stop", run="r")
        after = self.agent.ask("inventory", scope="target")
        for kind in ("programs", "maps", "links"):
            known = {entry["id"] for entry in before[kind]}
            self.assertEqual([], [entry for entry in after[kind] if entry["id"] not in known and entry["session"]])


if __name__ == "__main__":
    unittest.main()
