/**
 * Templates in the cache: `templates/<id>/{memory,state,template.json}`. A folder with that name is complete: it is
 * made as `.making-<id>-<owner>-<number>` beside it and renamed. Of several processes that want the same one, one makes it.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { LabError } from '../../protocol/index.js';
import { CacheLease } from '../install/cache-lease.js';
import { coldBoot } from './cold-boot.js';
import { isMarkAlive, processMark } from './process-mark.js';
import { startCanceled } from './start-canceled.js';
import { templateId } from './template-id.js';
import type { VmSpec } from './vm-spec.js';

const MAKING = '.making-';
const POLL_MS = 100;
const UNUSED_DAYS = 14;
/** Several callers in this process are apart like several processes. */
let makings = 0;

const recordSchema = z.object({
  version: z.literal(1),
  id: z.string(),
  kernel_release: z.string(),
  accelerator: z.enum(['kvm', 'tcg']),
  memory_mib: z.number(),
  cpus: z.number(),
  boot_ms: z.number(),
  rest_ms: z.number()
});

/** A machine that was booted once and can be copied. The folder's files are never changed. */
export interface Template {
  id: string;
  folder: string;
  spec: VmSpec;
  /** Whether it was there already. */
  fromCache: boolean;
  /** From QEMU's start to the agent's open port, when it was made. */
  bootMs: number;
}

/** What `ensureTemplate` needs. */
export interface EnsureTemplateOptions {
  spec: VmSpec;
  cacheRoot: string;
  signal: AbortSignal;
  /** One sentence when there is something to wait for. */
  progress: (text: string) => void;
}

/**
 * The template of a machine, made when it is not in the cache (about 10 s under TCG).
 *
 * @throws LabError `BPFLAB_TARGET_START`, `BPFLAB_DISK_FULL`, `BPFLAB_CELL_INTERRUPTED`
 */
export async function ensureTemplate(options: EnsureTemplateOptions): Promise<Template> {
  const { spec, cacheRoot } = options;
  const id = templateId(spec);
  const templates = path.join(cacheRoot, 'templates');
  const folder = path.join(templates, id);
  mkdirSync(templates, { recursive: true });
  for (;;) {
    const found = readTemplate(folder, spec);
    if (found !== null) return found;
    const making = path.join(templates, `${MAKING}${id}-${processMark()}-${++makings}`);
    if (await isMineToMake(templates, making, options)) return await make(making, folder, options);
  }
}

/** Removes what killed processes left half made, and templates that nobody uses or has used for 14 days. */
export function sweepTemplates(cacheRoot: string): void {
  const templates = path.join(cacheRoot, 'templates');
  if (!existsSync(templates)) return;
  const oldest = Date.now() - UNUSED_DAYS * 24 * 3600 * 1000;
  for (const name of readdirSync(templates)) {
    const place = path.join(templates, name);
    const isOld = (): boolean => lastUsed(place) < oldest && !CacheLease.isUsed(cacheRoot, place);
    const stale = name.startsWith(MAKING) ? !isMarkAlive(ownerOf(name)) : isOld();
    if (stale) rmSync(place, { recursive: true, force: true });
  }
}

/** Drops a template that turned out not to be readable; the next `ensureTemplate` makes it again. */
export function removeTemplate(template: Template): void {
  rmSync(template.folder, { recursive: true, force: true });
}

function lastUsed(place: string): number {
  try {
    return statSync(path.join(place, 'template.json')).mtimeMs;
  } catch {
    return 0;
  }
}

function readTemplate(folder: string, spec: VmSpec): Template | null {
  const file = path.join(folder, 'template.json');
  if (!existsSync(file)) return null;
  const record = recordSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  // The time of last use; a read-only cache cannot note it and need not.
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    /* see above */
  }
  return { id: record.id, folder, spec, fromCache: true, bootMs: record.boot_ms };
}

/** Mark of the process in `.making-ID-PID-START-NUMBER`. */
const ownerOf = (name: string): string => name.slice(MAKING.length).split('-').slice(1, 3).join('-');

/** Makes our folder and stays the maker, unless a living process was first: then its end is waited for. */
async function isMineToMake(templates: string, making: string, options: EnsureTemplateOptions): Promise<boolean> {
  const prefix = path.basename(making).split('-').slice(0, 2).join('-');
  const others = (): string[] =>
    readdirSync(templates).filter(
      name => name.startsWith(`${prefix}-`) && name !== path.basename(making) && isMarkAlive(ownerOf(name))
    );
  if (others().length === 0) {
    rmSync(making, { recursive: true, force: true });
    mkdirSync(making);
    // Two that saw nobody else see each other now: the smaller name goes on (and at worst both do, see putInPlace).
    if (others().every(name => name > path.basename(making))) return true;
    rmSync(making, { recursive: true, force: true });
  }
  options.progress('The template of the virtual machine is being made already; waiting for it.');
  while (others().length > 0) {
    if (options.signal.aborted) throw startCanceled();
    await delay(POLL_MS);
  }
  return false;
}

async function make(making: string, folder: string, options: EnsureTemplateOptions): Promise<Template> {
  const { spec } = options;
  const id = path.basename(folder);
  options.progress(
    `Booting kernel ${spec.kernel.release} once to make a template (${spec.accelerator.toUpperCase()}).`
  );
  try {
    const { bootMs, restMs } = await coldBoot(spec, making, options.signal);
    const record: z.infer<typeof recordSchema> = {
      version: 1,
      id,
      kernel_release: spec.kernel.release,
      accelerator: spec.accelerator,
      memory_mib: spec.memoryMib,
      cpus: spec.cpus,
      boot_ms: bootMs,
      rest_ms: restMs
    };
    await writeFile(path.join(making, 'template.json'), `${JSON.stringify(record, null, 2)}\n`);
    return putInPlace(making, { id, folder, spec, fromCache: false, bootMs });
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') {
      throw new LabError('BPFLAB_DISK_FULL', `Cannot make the template in ${path.dirname(folder)}: the disk is full.`);
    }
    throw error;
  }
}

/** Of two that were made at the same moment the first stays: both are as good. */
function putInPlace(making: string, template: Template): Template {
  try {
    renameSync(making, template.folder);
    return template;
  } catch (error) {
    const first = readTemplate(template.folder, template.spec);
    if (first === null) throw error;
    rmSync(making, { recursive: true, force: true });
    return first;
  }
}
