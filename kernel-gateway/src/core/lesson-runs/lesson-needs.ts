import { isOlderRelease } from '../language/is-older-release.js';
import type { KernelFacts } from '../session/preflight.js';

/** What a lesson says about itself in a file `.config`: NAME=VALUE lines. */
export interface LessonNeeds {
  /** First kernel that can run it, as its numbers; null: it does not say. */
  kernelMin: [number, number] | null;
  /** Options of the kernel's configuration with the values that will do. */
  options: { name: string; values: string[] }[];
  /** "none", or the device that it is about. */
  hardware: string;
}

/** Reads the file; lines that say nothing known are skipped. */
export function readLessonNeeds(text: string): LessonNeeds {
  const values = new Map(
    text.split('\n').flatMap(line => {
      const match = /^\s*(\w+)=(.*?)\s*$/.exec(line);
      return match === null ? [] : [[match[1] ?? '', match[2] ?? ''] as const];
    })
  );
  const version = /^(\d+)\.(\d+)/.exec(values.get('kernel_min') ?? '');
  const options = (values.get('kernel_config') ?? '').split(',').flatMap(word => {
    const match = /^(CONFIG_\w+)=([ymn|]+)$/.exec(word.trim());
    return match === null ? [] : [{ name: match[1] ?? '', values: (match[2] ?? '').split('|') }];
  });
  return {
    kernelMin: version === null ? null : [Number(version[1]), Number(version[2])],
    options,
    hardware: values.get('hardware') ?? 'none'
  };
}

/** Why this kernel does not have what the lesson asks for, a clause; null: it has, or nobody knows. */
export function needsLack(needs: LessonNeeds, facts: Pick<KernelFacts, 'release' | 'config'>): string | null {
  const { kernelMin, options } = needs;
  if (kernelMin !== null && isOlderRelease(facts.release, kernelMin.join('.'))) {
    return `the lesson needs Linux ${kernelMin.join('.')}`;
  }
  const { config } = facts;
  const missing = options.find(({ name, values }) => {
    const value = config?.get(name) ?? 'n';
    // A driver that is built in serves who asks for the module.
    return config !== null && !values.includes(value) && !(value === 'y' && values.includes('m'));
  });
  return missing === undefined ? null : `it was built without ${missing.name}`;
}
