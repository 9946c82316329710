import type { ContextChange, PacketLayer } from '../../protocol/index.js';

/**
 * Bytes of `after` that are not those of `before`, as [start, end). Of equal length: byte by byte. Otherwise the longest
 * common beginning and end count as kept, and what is between them is new: a tag that was pushed, a header that was
 * put in front.
 */
export function changedBytes(before: Uint8Array, after: Uint8Array): [number, number][] {
  if (before.length !== after.length) {
    const most = Math.min(before.length, after.length);
    let head = 0;
    while (head < most && before[head] === after[head]) head++;
    let tail = 0;
    while (tail < most - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
    return head + tail < after.length ? [[head, after.length - tail]] : [];
  }
  const ranges: [number, number][] = [];
  for (let at = 0; at < after.length; at++) {
    if (before[at] === after[at]) continue;
    const last = ranges.at(-1);
    if (last?.[1] === at) last[1] = at + 1;
    else ranges.push([at, at + 1]);
  }
  return ranges;
}

/** `ipv4.ttl` to its text; a second header of a kind is `ipv4#2`. */
function fieldsByPath(layers: readonly PacketLayer[]): Map<string, string> {
  const seen = new Map<string, number>();
  const fields = new Map<string, string>();
  for (const layer of layers) {
    const count = (seen.get(layer.name) ?? 0) + 1;
    seen.set(layer.name, count);
    const name = count === 1 ? layer.name : `${layer.name}#${count}`;
    for (const field of layer.fields) fields.set(`${name}.${field.name}`, field.text);
  }
  return fields;
}

/** Fields that have another value, are new (`before` is empty) or gone (`after` is empty), in the order of the output. */
export function changedFields(before: readonly PacketLayer[], after: readonly PacketLayer[]): ContextChange[] {
  const old = fieldsByPath(before);
  const now = fieldsByPath(after);
  const changes = [...now].flatMap(([name, text]) =>
    old.get(name) === text ? [] : [{ name, before: old.get(name) ?? '', after: text }]
  );
  const gone = [...old].flatMap(([name, text]) => (now.has(name) ? [] : [{ name, before: text, after: '' }]));
  return [...changes, ...gone];
}
