/** What bpftrace's language has of its own (bpftrace(8), as of 0.23): names and a line each. */

/** A name of bpftrace with what it is. */
export interface BpftraceName {
  name: string;
  text: string;
}

const named = (rows: readonly (readonly [name: string, text: string])[]): readonly BpftraceName[] =>
  rows.map(([name, text]) => ({ name, text }));

/** Probe types; a colon follows where there is a target. */
export const bpftraceProbes = named([
  ['tracepoint:', 'A tracepoint of the kernel: tracepoint:sched:sched_process_exec'],
  ['kprobe:', 'When a kernel function is called: kprobe:vfs_read'],
  ['kretprobe:', 'When a kernel function returns: retval'],
  ['fentry:', 'When a kernel function is called, with typed arguments: args.name'],
  ['fexit:', 'When a kernel function returns, with typed arguments and retval'],
  ['rawtracepoint:', 'A tracepoint with its raw arguments: arg0, arg1, …'],
  ['uprobe:', 'When a function of a program is called: uprobe:/bin/bash:readline'],
  ['uretprobe:', 'When a function of a program returns: retval'],
  ['usdt:', 'A static probe of a program: usdt:/path:provider:name'],
  ['interval:', 'Every so often, on one CPU: interval:s:1'],
  ['profile:', 'So many times a second, on each CPU: profile:hz:99'],
  ['software:', 'A software counter: software:faults:100'],
  ['hardware:', 'A hardware counter: hardware:cache-misses:1000000'],
  ['iter:', 'Once for each object of the kernel: iter:task'],
  ['watchpoint:', 'When memory is read or written'],
  ['BEGIN', 'When the script starts'],
  ['END', 'When the script ends']
]);

/** Values that every action has. */
export const bpftraceBuiltins = named([
  ['pid', 'Process id'],
  ['tid', 'Thread id'],
  ['uid', 'User id'],
  ['gid', 'Group id'],
  ['comm', 'Name of the process'],
  ['nsecs', 'Nanoseconds since boot'],
  ['elapsed', 'Nanoseconds since the script started'],
  ['cpu', 'Number of the CPU'],
  ['curtask', 'Address of the current task_struct'],
  ['cgroup', 'Id of the control group'],
  ['args', 'Arguments of a tracepoint, fentry or usdt probe: args.name'],
  ['arg0', 'First argument of a kprobe or uprobe; also arg1, arg2, …'],
  ['retval', 'What the function returns'],
  ['func', 'Name of the function'],
  ['probe', 'Full name of the probe'],
  ['kstack', 'Kernel stack'],
  ['ustack', 'User stack'],
  ['rand', 'A random number'],
  ['ctx', 'The raw context of the probe']
]);

/** Functions, with their arguments. */
export const bpftraceFunctions = named([
  ['printf', 'printf(format, …): prints'],
  ['print', 'print(@map [, top [, divisor]]): prints a map'],
  ['clear', 'clear(@map): empties a map'],
  ['zero', 'zero(@map): sets all values to 0'],
  ['delete', 'delete(@map, key): removes an entry'],
  ['count', '@ = count(): counts'],
  ['sum', '@ = sum(value)'],
  ['avg', '@ = avg(value)'],
  ['min', '@ = min(value)'],
  ['max', '@ = max(value)'],
  ['stats', '@ = stats(value): count, average, total'],
  ['hist', '@ = hist(value): histogram of powers of two'],
  ['lhist', '@ = lhist(value, min, max, step): linear histogram'],
  ['str', 'str(pointer [, length]): text at an address'],
  ['kstr', 'kstr(pointer): text in kernel memory'],
  ['buf', 'buf(pointer, length): bytes at an address'],
  ['join', 'join(argv): prints an array of texts'],
  ['ksym', 'ksym(address): name of a kernel symbol'],
  ['usym', 'usym(address): name of a user symbol'],
  ['kaddr', 'kaddr("name"): address of a kernel symbol'],
  ['reg', 'reg("ip"): a register'],
  ['ntop', 'ntop([family,] address): IP address as text'],
  ['strftime', 'strftime(format, nsecs): time as text'],
  ['time', 'time(format): prints the time'],
  ['cat', 'cat(path): prints a file'],
  ['system', 'system(command): runs a command (with --unsafe)'],
  ['signal', 'signal("SIGTERM"): sends a signal to the process'],
  ['override', 'override(value): what the function returns (with --unsafe)'],
  ['strncmp', 'strncmp(a, b, length)'],
  ['strcontains', 'strcontains(text, part)'],
  ['bswap', 'bswap(number): bytes in the other order'],
  ['exit', 'exit(): ends the script'],
  ['has_key', 'has_key(@map, key)'],
  ['len', 'len(@map): number of entries']
]);
