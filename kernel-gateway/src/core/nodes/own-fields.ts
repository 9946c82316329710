import type { Request, Result, Verb } from '../../protocol/index.js';
import type { GroupIds } from './group-ids.js';

/** Fields of a request without what the connection adds. */
export type Fields<V extends Verb = Verb> = Omit<Extract<Request, { verb: V }>, 'id' | 'verb'>;

const STREAM_FIELDS = ['stream', 'log_stream', 'stdin', 'stdout', 'stderr'] as const;
const ID_FIELDS = ['map_id', 'link', 'pid'] as const;

/** The streams that a request names. */
export function streamsOf(fields: Fields): number[] {
  const values = fields as Record<string, unknown>;
  return STREAM_FIELDS.flatMap(name => (typeof values[name] === 'number' ? [values[name]] : []));
}

/** Numbers of the group that a request names: of a map, a link, a process. */
export function idsOf(fields: Fields): number[] {
  const values = fields as Record<string, unknown>;
  return ID_FIELDS.flatMap(name => (typeof values[name] === 'number' ? [values[name]] : []));
}

/** A request of the group as one node knows things; `stream` gives the node's own number of a stream. */
export function ownFields<V extends Verb>(
  fields: Fields<V>,
  { node, ids, stream }: { node: number; ids: GroupIds; stream: (of: number) => number }
): Fields<V> {
  const own: Record<string, unknown> = { ...fields };
  for (const name of STREAM_FIELDS) if (typeof own[name] === 'number') own[name] = stream(own[name]);
  for (const name of ID_FIELDS) if (typeof own[name] === 'number') own[name] = ids.own(own[name], node) ?? own[name];
  if (typeof own['maps'] === 'object') own['maps'] = reusedMaps(own['maps'] as MapOptions, node, ids);
  return own as Fields<V>;
}

/** What tells the processes of a run apart: the stream of their output, which no two have. */
export function processName(fields: Fields): string {
  return String((fields as Fields<'exec'>).stdout);
}

type MapOptions = Record<string, { reuse_id?: number }>;

function reusedMaps(maps: MapOptions, node: number, ids: GroupIds): MapOptions {
  return Object.fromEntries(
    Object.entries(maps).map(([name, { reuse_id: id, ...rest }]) => {
      const own = id === undefined ? undefined : ids.own(id, node);
      return [name, own === undefined ? rest : { ...rest, reuse_id: own }];
    })
  );
}

/**
 * A node's answer with the group's numbers, which learn the node's. `fields`: the request that it answers, as the group
 * was asked.
 */
export function groupResult<V extends Verb>(
  verb: V,
  result: Result<V>,
  { fields, node, ids }: { fields: Fields<V>; node: number; ids: GroupIds }
): Result<V> {
  const run = String((fields as { run?: string }).run ?? '');
  const known = (kind: Parameters<GroupIds['of']>[0], name: string, own: number): number => {
    const id = ids.of(kind, run, name);
    ids.learn(id, node, own);
    return id;
  };
  if (verb === 'load') {
    const { programs, maps, ...rest } = result as Result<'load'>;
    return {
      ...rest,
      programs: programs.map(one => ({ ...one, id: known('program', one.name, one.id) })),
      maps: maps.map(one => ({ ...one, id: known('map', one.name, one.id) }))
    } as Result<Verb> as Result<V>;
  }
  if (verb === 'attach') {
    const link = result as Result<'attach'>;
    // The kernel's id means nothing beyond its node.
    const own = known('link', String((fields as Fields as Fields<'attach'>).program), link.link);
    return { ...link, link: own, link_id: 0 } as Result<Verb> as Result<V>;
  }
  if (verb === 'exec') {
    return { pid: known('process', processName(fields), (result as Result<'exec'>).pid) } as Result<Verb> as Result<V>;
  }
  if (verb === 'stats') return groupStats(result as Result<'stats'>, ids) as Result<Verb> as Result<V>;
  return result;
}

function groupStats(stats: Result<'stats'>, ids: GroupIds): Result<'stats'> {
  return { ...stats, programs: stats.programs.map(one => ({ ...one, id: ids.of('program', one.run, one.name) })) };
}
