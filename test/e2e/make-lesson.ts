import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Source of a program with one function, `name`, that does nothing. */
export const programIn = (section: string, name: string): string => `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";
SEC("${section}")
int ${name}(void *ctx) { return 0; }
`;

/** Writes a lesson of a repository: a program and a README that has it as a listing. */
export async function makeLesson(repository: string, name: string, section: string): Promise<void> {
  const program = programIn(section, name);
  await mkdir(join(repository, name), { recursive: true });
  await writeFile(join(repository, name, `${name}.bpf.c`), program);
  await writeFile(join(repository, name, 'README.md'), `# ${name}\n\n\`\`\`c\n${program}\`\`\`\n`);
}

/** Appends code cells to a notebook file; gives the index of the first. */
export async function appendCells(file: string, sources: readonly string[]): Promise<number> {
  const notebook = JSON.parse(await readFile(file, 'utf8')) as { cells: object[] };
  const first = notebook.cells.length;
  for (const [index, source] of sources.entries()) {
    notebook.cells.push({
      ...{ cell_type: 'code', id: `appended-${index}`, metadata: {}, execution_count: null, outputs: [], source }
    });
  }
  await writeFile(file, JSON.stringify(notebook));
  return first;
}
