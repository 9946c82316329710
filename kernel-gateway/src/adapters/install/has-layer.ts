import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LessonLayer } from '../../core/lesson-runs/surroundings.js';
import { cacheRoot } from './cache-root.js';
import type { Installed } from './installed.js';

/** Whether what `bpflab image add` brings is there, for the kernel of that release where each has its own. `cache`: its root. */
export function hasLayer(
  installed: Installed,
  layer: LessonLayer,
  release: string,
  cache: string = cacheRoot()
): boolean {
  const kernel = installed.kernels.find(one => one.release === release);
  const marks: Record<LessonLayer, string> = {
    blazesym: join(cache, 'layers/blazesym/id'),
    'kernel-headers': join(dirname(kernel?.vmlinux ?? ''), 'headers.id'),
    java: join(installed.lab.root, 'usr/lib/jvm/default-java/bin/java'),
    go: join(installed.lab.root, 'usr/bin/go'),
    rust: join(installed.lab.root, 'usr/bin/cargo')
  };
  return existsSync(marks[layer]);
}
