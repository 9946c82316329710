/** Why a Makefile did not come to its end, in one clause and a next step. */
export interface MakeFailure {
  /** What failed and why, without a full stop. */
  cause: string;
  hint: string;
}

interface Reason {
  pattern: RegExp;
  explain: (match: RegExpExecArray) => MakeFailure;
}

/** What `bpflab image add` brings, by the programs that it has. */
const layers: Readonly<Record<string, string>> = {
  ...{ cargo: 'rust', rustc: 'rust', go: 'go', java: 'java', javac: 'java' }
};

const LINE = 'Look at the place that the message names; the whole output is below.';

/** In the order of what is nearest to the root of the trouble. */
const reasons: readonly Reason[] = [
  {
    pattern: /No targets specified and no makefile found|make: \*\*\* No rule to make target 'Makefile'/,
    explain: () => ({ cause: 'the folder has no Makefile', hint: 'Name a folder that has one: %%make DIR.' })
  },
  {
    pattern:
      /^(?:\/bin\/)?(?:ba|da)?sh: (?:line )?\d+: (?:exec: )?([\w.+-]+): (?:command )?not found|make(?:\[\d+\])?: ([\w.+-]+): No such file or directory/m,
    explain: match => ({
      cause: `it runs "${match[1] ?? match[2] ?? ''}", which the lab image does not have`,
      hint: missingHint(match[1] ?? match[2] ?? '')
    })
  },
  {
    pattern:
      /^([^\s:][^:\n]*):(\d+):(?:\d+:)? fatal error: '?([^':\n]+)'?(?: file not found|: No such file or directory)/m,
    explain: match => ({
      cause: `${match[1] ?? ''} line ${match[2] ?? ''} includes "${match[3] ?? ''}", which is nowhere`,
      hint: headerHint(match[3] ?? '')
    })
  },
  {
    pattern: /^([^\s:][^:\n]*):(\d+):(?:\d+:)? (?:fatal )?error: (.*)$/m,
    explain: match => ({ cause: `${match[1] ?? ''} line ${match[2] ?? ''}: ${match[3] ?? ''}`, hint: LINE })
  },
  {
    // rustc's, of which the place follows.
    pattern: /^error(?:\[E\d+\])?: (.*)\n\s*--> ([^:\n]+):(\d+):/m,
    explain: match => ({ cause: `${match[2] ?? ''} line ${match[3] ?? ''}: ${match[1] ?? ''}`, hint: LINE })
  },
  {
    pattern: /undefined reference to [`']([^'\n]+)'/,
    explain: match => ({
      cause: `the linker finds no "${match[1] ?? ''}"`,
      hint: 'Check that the library that defines it is among those that the Makefile links.'
    })
  },
  {
    pattern: /cannot find -l([\w.+-]+)/,
    explain: match => ({
      cause: `the lab image has no library "${match[1] ?? ''}"`,
      hint: 'Leave the goal out that needs it: words after -- are goals.'
    })
  },
  {
    pattern: /libbpf: (.*)\n(?:.*\n)*?Error: (.*)/,
    explain: match => ({ cause: `bpftool refused an object — ${match[1] ?? ''}`, hint: LINE })
  },
  {
    pattern: /make(?:\[\d+\])?: \*\*\* No rule to make target '([^']+)'(?:, needed by '([^']+)')?/,
    explain: match => ({
      cause: `there is no "${match[1] ?? ''}"${match[2] === undefined ? '' : `, which "${match[2]}" is made from`}`,
      hint: 'Check the name, and that the whole folder of the lesson is there.'
    })
  },
  {
    pattern: /make(?:\[\d+\])?: \*\*\* (.*)/,
    explain: match => ({ cause: match[1] ?? '', hint: LINE })
  }
];

function missingHint(program: string): string {
  const layer = layers[program];
  if (layer !== undefined) return `Run npx bpflab image add ${layer}, and restart the kernel.`;
  return 'Build that part yourself, or leave the goal out: words after -- are goals.';
}

function headerHint(name: string): string {
  if (/blazesym/.test(name)) return 'blazesym is a library in Rust that the lab image does not have.';
  if (/\.skel\.h$/.test(name)) return 'The skeleton is made of the .bpf.c of the same name; check that it is there.';
  return 'Check that the file is in the folder, or write it with %%file.';
}

/** Reads what make and the compilers said. Never throws; an output without a reason that is known has make's last line. */
export function explainMake(output: string): MakeFailure {
  for (const { pattern, explain } of reasons) {
    const match = pattern.exec(output);
    if (match !== null) return explain(match);
  }
  return { cause: output.trim().split('\n').at(-1)?.slice(0, 200) || 'it said nothing', hint: LINE };
}
