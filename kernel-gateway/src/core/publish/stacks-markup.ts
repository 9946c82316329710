import type { StackProfile } from '../../protocol/index.js';
import { markup, type Markup } from './markup.js';
import { pageWord, type PageLanguage } from './page-words.table.js';

const FRAME = { height: 18, width: 1000 };
/** Characters of a name that fit into a unit of width at the drawing's font size. */
const CHARACTERS_PER_UNIT = 0.15;
/** Narrower frames are not drawn; the table has their stacks. */
const MIN_WIDTH = 1;

interface Node {
  frame: number;
  count: bigint;
  children: Map<number, Node>;
}

/** Counted stacks as a flame graph (the outermost function above), and as a table behind a toggle. */
export function stacksMarkup(profile: StackProfile, language: PageLanguage): Markup {
  const root = treeOf(profile);
  const drawn: Markup[] = [];
  const depth = draw(profile, { node: root, x: 0, width: FRAME.width, depth: 0, into: drawn });
  const total = pageWord(language, 'total', profile.total, profile.unit);
  return markup`<figure><svg role="img" aria-label="${total}" viewBox="0 0 ${FRAME.width} ${Math.max(1, depth) * FRAME.height}">${drawn}</svg><figcaption>${total}</figcaption></figure><details><summary>${pageWord(language, 'table')}</summary>${table(profile, language)}</details>${profile.problems.map(text => markup`<p class="note">${text}</p>`)}`;
}

function treeOf(profile: StackProfile): Node {
  const root: Node = { frame: -1, count: 0n, children: new Map() };
  for (const stack of profile.stacks) {
    const count = BigInt(stack.count);
    let at = root;
    at.count += count;
    for (const frame of stack.frames) {
      let next = at.children.get(frame);
      if (next === undefined) at.children.set(frame, (next = { frame, count: 0n, children: new Map() }));
      next.count += count;
      at = next;
    }
  }
  return root;
}

interface Place {
  node: Node;
  x: number;
  width: number;
  depth: number;
  into: Markup[];
}

/** Draws the callees of a node; returns how many rows they take. */
function draw(profile: StackProfile, place: Place): number {
  const { node, into } = place;
  let { x } = place;
  let deepest = place.depth;
  for (const child of [...node.children.values()].sort((a, b) => (a.count < b.count ? 1 : -1))) {
    const width = node.count === 0n ? 0 : (place.width * Number(child.count)) / Number(node.count);
    if (width < MIN_WIDTH) continue;
    const frame = profile.frames[child.frame];
    const name = frame?.name ?? '';
    const fits = Math.floor(width * CHARACTERS_PER_UNIT);
    const text = name.length <= fits ? name : fits < 3 ? '' : `${name.slice(0, fits - 1)}…`;
    const y = place.depth * FRAME.height;
    const left = x.toFixed(1);
    into.push(
      markup`<g><title>${name}: ${String(child.count)} ${profile.unit}</title><rect class="frame frame-${frame?.kind ?? 'user'}" x="${left}" y="${y}" width="${Math.max(0, width - 0.6).toFixed(1)}" height="${FRAME.height - 1}"/><text class="frame-name" x="${(x + 3).toFixed(1)}" y="${y + FRAME.height - 5}">${text}</text></g>`
    );
    deepest = Math.max(deepest, draw(profile, { node: child, x, width, depth: place.depth + 1, into }));
    x += width;
  }
  return Math.max(deepest, place.depth);
}

function table(profile: StackProfile, language: PageLanguage): Markup {
  const total = Number(BigInt(profile.total)) || 1;
  const rows = profile.stacks.map(({ count, frames }) => {
    const names = frames.map(frame => profile.frames[frame]?.name ?? '').reverse();
    return markup`<tr><td class="number">${count}</td><td class="number">${((Number(count) / total) * 100).toFixed(1)} %</td><td>${names.join(' ← ')}</td></tr>`;
  });
  return markup`<table><thead><tr><th class="number">${profile.unit}</th><th class="number">${pageWord(language, 'share')}</th><th>${pageWord(language, 'stack')}</th></tr></thead><tbody>${rows}</tbody></table>`;
}
