/** Pieces of shell that surroundings of several programs have in common. */

/** Builds the lesson's kernel module for the target's kernel, and puts it in. */
export const MODULE = `make -s -C module >/tmp/lesson-make 2>&1 || tail -n 5 /tmp/lesson-make; insmod module/hello.ko`;
export const NO_MODULE = 'rmmod hello';
/**
 * A copy of the C library with the note of a probe that Debian leaves out: `libc:setjmp` lies where the caller's address has
 * just been read (libbpf finds probes by such notes: name, vendor, type 3; address, base, semaphore; provider, probe, arguments).
 */
export const PROBED_LIBC = `mkdir -p /tmp/probes; libc=$(readlink -f /usr/lib/*-linux-gnu/libc.so.6)
at=$(objdump -d --disassemble=__sigsetjmp "$libc" | awk 'found { sub(":", "", $1); print $1; exit } /mov +\\(%rsp\\),%rax/ { found = 1 }')
python3 - $((16#$at)) >/tmp/probes/note <<'END'
import struct, sys
text = b'libc\\0setjmp\\0' + b'8@%rdi -4@%esi 8@%rax\\0'
place = struct.pack('<QQQ', int(sys.argv[1]), 0, 0)
head = struct.pack('<III', 8, len(place + text), 3)
sys.stdout.buffer.write((head + b'stapsdt\\0' + place + text).ljust(len(head + place + text) + 11 & ~3, b'\\0'))
END
objcopy --add-section .note.stapsdt=/tmp/probes/note "$libc" /tmp/probes/libc.so.6`;
export const LINK_FILE = 'touch /tmp/lesson-file; rm /tmp/lesson-file';
export const PING = 'ping -c 1 -W 1 127.0.0.1 >/dev/null';
/** A veth pair lab0 (10.77.0.1) with its other end in the namespace "peer" (10.77.0.2). */
export const PAIR = `ip netns add peer; ip link add lab0 type veth peer name lab1
ip link set lab1 netns peer; ip address add 10.77.0.1/24 dev lab0; ip link set lab0 up
ip netns exec peer ip address add 10.77.0.2/24 dev lab1; ip netns exec peer ip link set lab1 up
ip netns exec peer ip link set lo up`;
export const NO_PAIR = 'ip link delete lab0 2>/dev/null; ip netns delete peer';
export const PING_IN = 'ip netns exec peer ping -c 1 -W 1 10.77.0.1 >/dev/null';
export const CONNECT =
  '(timeout 2 nc -l -N 127.0.0.1 7777 </dev/null >/dev/null & sleep 0.2; echo hello | timeout 1 nc -N 127.0.0.1 7777; wait)';
/** Waits until somebody listens on the port, whose number comes behind it. */
export const AWAIT_PORT =
  'await_port() { for t in $(seq 100); do nc -z "$1" "$2" && break; sleep 0.1; done; }; await_port';
export const SERVE = `busybox httpd -f -p 8000 -h / & server=$!; ${AWAIT_PORT} 127.0.0.1 8000`;
export const FETCH = 'curl -s -m 2 -o /dev/null http://127.0.0.1:8000/';
export const END_SERVER = 'kill $server';
/** A line that is typed into an interactive bash. */
export const READLINE = `echo 'uname' | timeout 5 python3 -c 'import pty; pty.spawn(["/bin/bash", "-i"])' >/dev/null 2>&1`;
export const TLS_KEY =
  'openssl req -x509 -newkey rsa:2048 -nodes -keyout /tmp/k.pem -out /tmp/c.pem -days 2 -subj /CN=lesson 2>/dev/null';
export const TLS_SERVE = `openssl s_server -accept 8443 -key /tmp/k.pem -cert /tmp/c.pem -www >/dev/null 2>&1 & server=$!
${AWAIT_PORT} 127.0.0.1 8443`;
export const TLS_FETCH = 'curl -sk -m 5 -o /dev/null https://127.0.0.1:8443/';
