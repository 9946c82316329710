import type { Lab } from './lab.js';

const TARGETS = ['vm', 'pod'] as const;

/** Where a lab's cells can run: `vm`, unless its front matter needs nodes of a cluster; null for what is neither. */
export function labTarget({ needs }: Pick<Lab, 'needs'>): (typeof TARGETS)[number] | null {
  const wanted = needs['target'] ?? 'vm';
  return TARGETS.find(target => target === wanted) ?? null;
}
