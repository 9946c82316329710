/** One line of trace_pipe (Documentation/trace/ftrace.rst, "Output format"). */
export interface TraceLine {
  task: string;
  pid: number;
  cpu: number;
  /** irqs-off, need-resched, hardirq/softirq, preempt-depth …: the letters of the kernel. */
  flags: string;
  /** Time of the trace clock in nanoseconds; lines have microseconds. */
  timeNs: bigint;
  text: string;
}

// The task name may hold spaces and dashes; pid, CPU and what follows cannot. A thread-group column is optional.
const pattern = /^ *(.*?)-(\d+) +(?:\([ \d-]+\) +)?\[(\d+)\] +(\S+) +(\d+)\.(\d{6}): +(?:[\w.]+: ?)?(.*)$/s;

/** Parses a line without its line break; null when it is no line of that form. */
export function parseTraceLine(line: string): TraceLine | null {
  const match = pattern.exec(line);
  if (!match) return null;
  const [, task = '', pid, cpu, flags = '', seconds = '0', microseconds = '0', text = ''] = match;
  const timeNs = BigInt(seconds) * 1_000_000_000n + BigInt(microseconds) * 1000n;
  return { task, pid: Number(pid), cpu: Number(cpu), flags, timeNs, text };
}
