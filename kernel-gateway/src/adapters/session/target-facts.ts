import { z } from 'zod';
import type { AgentConnection } from '../../core/index.js';
import type { KernelFacts } from '../../core/session/preflight.js';

const texts = z.array(z.string()).nullable().catch(null);
const typesSchema = z.record(z.string(), z.boolean().nullable()).nullable().catch(null);
const probeSchema = z.object({
  tracepoints: texts.optional(),
  /** The kernel's own line: `capability,landlock,bpf`. */
  lsm: z.string().nullable().catch(null).optional(),
  /** The kernel's own line: `none [integrity] confidentiality`. */
  lockdown: z.string().nullable().catch(null).optional(),
  config: z.record(z.string(), z.string()).nullable().catch(null).optional(),
  program_types: typesSchema.optional(),
  map_types: typesSchema.optional()
});

/** Booted kernels whose facts are kept; clones of one template are one. */
const KEPT = 8;
const known = new Map<string, Promise<KernelFacts>>();
const knownTypes = new Map<string, Promise<Pick<KernelFacts, 'programTypes' | 'mapTypes'>>>();
const knownConfigs = new Map<string, Promise<Pick<KernelFacts, 'config'>>>();

/**
 * What the target's kernel has, read once for each boot. What takes a slow guest its time only on request: `types`, which
 * it finds by loading some, and `config`.
 */
export async function targetFacts(
  connection: AgentConnection,
  needs: { types?: boolean; config?: boolean } = {}
): Promise<KernelFacts> {
  const boot = connection.hello.boot_id;
  const facts = await remember(known, boot, () => readFacts(connection));
  const types = needs.types === true ? await remember(knownTypes, boot, () => readTypes(connection)) : {};
  const config = needs.config === true ? await remember(knownConfigs, boot, () => readConfig(connection)) : {};
  return { ...facts, ...types, ...config };
}

async function readFacts(connection: AgentConnection): Promise<KernelFacts> {
  const { hello } = connection;
  const answer = await connection.request('probe', { what: ['tracepoints', 'lsm', 'lockdown'] });
  const { tracepoints, lsm, lockdown } = probeSchema.parse(answer);
  return {
    release: hello.kernel_release,
    hasBtf: hello.btf_id !== '',
    tracepoints: tracepoints ? new Set(tracepoints) : null,
    lsm: lsm ? lsm.split(',') : null,
    config: null,
    programTypes: null,
    mapTypes: null,
    names: null,
    types: null,
    lockdown: /\[(\w+)\]/.exec(lockdown ?? '')?.[1] ?? null
  };
}

async function readConfig(connection: AgentConnection): Promise<Pick<KernelFacts, 'config'>> {
  const { config } = probeSchema.parse(await connection.request('probe', { what: ['config'] }));
  return { config: config ? new Map(Object.entries(config)) : null };
}

async function readTypes(connection: AgentConnection): Promise<Pick<KernelFacts, 'programTypes' | 'mapTypes'>> {
  const result = probeSchema.parse(await connection.request('probe', { what: ['program_types', 'map_types'] }));
  const mapOf = (types: Record<string, boolean | null> | null | undefined): Map<string, boolean | null> | null =>
    types ? new Map(Object.entries(types)) : null;
  return { programTypes: mapOf(result.program_types), mapTypes: mapOf(result.map_types) };
}

function remember<T>(cache: Map<string, Promise<T>>, key: string, read: () => Promise<T>): Promise<T> {
  const before = cache.get(key);
  if (before !== undefined) {
    return before;
  }
  const value = read();
  cache.set(key, value);
  value.catch(() => cache.delete(key));
  for (const oldest of [...cache.keys()].slice(0, -KEPT)) {
    cache.delete(oldest);
  }
  return value;
}
