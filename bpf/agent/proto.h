// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The bytes between gateway and agent; the same numbers as
 * kernel-gateway/src/protocol/agent-frames.ts. */
#ifndef BPFLAB_PROTO_H
#define BPFLAB_PROTO_H

#define AGENT_PROTOCOL_VERSION 1
#define AGENT_VERSION "0.1.0"

enum frame_kind {
	FRAME_HELLO = 1,
	FRAME_REQUEST = 2,
	FRAME_REPLY = 3,
	FRAME_EVENT = 4,
	FRAME_DATA = 5,
	FRAME_END = 6,
	FRAME_CREDIT = 7,
	FRAME_PING = 8,
	FRAME_PONG = 9,
};

/* u32 length | u8 kind | u32 stream; `length` counts kind, stream and payload. */
#define FRAME_HEADER_BYTES 9u
#define FRAME_PREFIX_BYTES 5u
#define MAX_PAYLOAD_BYTES (4u * 1024 * 1024)
#define INITIAL_CREDIT_BYTES (1024u * 1024)
#define HEARTBEAT_MS 2000
#define MAX_STREAM_ID 0x7fffffffu

/* u64 seq | u64 lost | u64 mono_ns, then records: u32 length | u32 cpu | bytes padded to 8. */
#define DATA_HEADER_BYTES 24u
#define RECORD_HEADER_BYTES 8u
#define CPU_UNKNOWN 0xffffffffu

#endif
