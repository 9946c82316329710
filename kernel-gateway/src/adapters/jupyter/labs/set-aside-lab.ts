import { LabError } from '../../../protocol/index.js';
import type { ContentsStore } from '../contents/contents-store.js';
import type { KernelRegistry } from '../kernels/kernel-registry.js';

/**
 * Renames a person's notebooks of a lab, in all its languages, and ends their sessions; the lab is a fresh notebook when it is
 * opened next. Gives the new paths, none when it was never opened. `day`: `2026-11-24`, part of the new names.
 */
export async function setAsideLab(
  { store, registry }: { store: ContentsStore; registry: Pick<KernelRegistry, 'sessions' | 'endSession'> },
  lab: string,
  day: string
): Promise<string[]> {
  const folder = `labs/${lab.split('/').slice(0, -1).join('/')}`;
  const stem = lab.split('/').at(-1)!;
  const names = (await namesIn(store, folder)).filter(name => isNotebookOf(name, stem));
  const moved: string[] = [];
  for (const name of names) {
    const from = `${folder}/${name}`;
    for (const session of registry.sessions.filter(one => one.path === from)) await registry.endSession(session.id);
    const to = await freeName(store, `${folder}/${name.slice(0, -'.ipynb'.length)}.before-${day}`);
    await store.move(from, to);
    moved.push(to);
  }
  return moved;
}

/** `01-hello.ipynb` and `01-hello.zh.ipynb`, not one that was put aside before. */
const isNotebookOf = (name: string, stem: string): boolean =>
  name.startsWith(stem) && /^(\.[A-Za-z]{2,3}(-[A-Za-z0-9]+)*)?\.ipynb$/.test(name.slice(stem.length));

async function namesIn(store: ContentsStore, folder: string): Promise<string[]> {
  try {
    const { content } = await store.read(folder, { content: true, hash: false, type: 'directory', format: undefined });
    return (content as { name: string }[]).map(({ name }) => name);
  } catch (error) {
    if (error instanceof LabError && error.code === 'BPFLAB_CONTENTS_MISSING') return [];
    throw error;
  }
}

async function freeName(store: ContentsStore, stem: string): Promise<string> {
  for (let number = 1; ; number++) {
    const path = `${stem}${number === 1 ? '' : `-${number}`}.ipynb`;
    if (!(await store.exists(path))) return path;
  }
}
