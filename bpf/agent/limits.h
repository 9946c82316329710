// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Every bound of the agent by name. What comes from the channel is checked against these, never
 * trusted. */
#ifndef BPFLAB_LIMITS_H
#define BPFLAB_LIMITS_H

/* DATA payload bytes that are collected before they are sent; also the size of one read of a pipe
 * or file. */
#define BATCH_BYTES (64u * 1024)
/* Sources rest while more than HIGH bytes wait for the channel and go on below LOW. */
#define OUTBOX_HIGH_BYTES (512u * 1024)
#define OUTBOX_LOW_BYTES (128u * 1024)
/* Frames kept by the supervisor for a client that is away; beyond it the worker is held back. */
#define BACKLOG_BYTES (8u * 1024 * 1024)

#define MAX_RUNS 512
#define MAX_STREAMS 4096
#define MAX_LINKS_PER_RUN 512
#define MAX_PROCESSES 256
#define MAX_ARGV 256
#define MAX_ENV 256
#define MAX_BLOB_BYTES (64u * 1024 * 1024)
#define MAX_BLOBS_BYTES (128u * 1024 * 1024)
#define MAX_PATH_BYTES 1024
#define MAX_MAP_ENTRIES_PER_REQUEST 65536
#define MAX_USER_RECORDS 4096
#define MAX_TEST_RUN_BYTES (1024u * 1024)
#define MAX_TEST_REPEAT 10000000
#define MAX_PERF_PAGES 4096
#define MAX_SESSIONS 64
#define MAX_LEASE_S 86400

/* First try of the buffer for a verifier's log; only touched pages cost memory. Doubled until the
 * log fits. */
#define VERIFIER_LOG_BYTES (16u * 1024 * 1024)
#define VERIFIER_LOG_MAX_BYTES (512u * 1024 * 1024)
/* libbpf's own lines in an error reply. */
#define LIBBPF_LOG_BYTES (64u * 1024)

/* How often a process that reports it is asked whether it waits for its input. */
#define INPUT_LOOK_MS 50
/* A busy ring is read on this clock instead of a wake-up for each record. */
#define RING_BUSY_MS 2
/* `stop` waits this long for the kernel to give the ids of programs and maps back. */
#define STOP_WAIT_MS 2000
/* … and so long for the client to take what is left in rings. */
#define DRAIN_WAIT_MS 2000
/* How long killed processes of a cgroup are waited for. */
#define KILL_WAIT_MS 2000

#endif
