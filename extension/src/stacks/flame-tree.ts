import type { StackFrame, StackProfile } from 'kernel-gateway/protocol';

/** A function with its callers below it: what all stacks that begin with the same frames have counted. */
export interface IFlameNode {
  readonly frame: StackFrame;
  /** Names from the outermost caller on; the same in the next profile of the view. */
  readonly path: string;
  /** Of the foot: 0. */
  readonly depth: number;
  readonly parent: IFlameNode | null;
  /** Ordered by name, so that they keep their places. */
  readonly children: readonly IFlameNode[];
  readonly count: bigint;
}

/** A node's place in the picture; `left` and `width` are shares of the whole width, `row` counts from the foot. */
export interface IFlameBox {
  node: IFlameNode;
  row: number;
  left: number;
  width: number;
}

interface IBuilding extends IFlameNode {
  children: IBuilding[];
  count: bigint;
}

const ROOT_FRAME: StackFrame = { name: '', kind: 'process', origin: '', is_known: true };

/** Merges stacks into one tree. The root stands for all of them. */
export function flameTree(profile: StackProfile): IFlameNode {
  const root: IBuilding = { frame: ROOT_FRAME, path: '', depth: 0, parent: null, children: [], count: 0n };
  const known = new Map<string, IBuilding>();
  for (const stack of profile.stacks) {
    const count = BigInt(stack.count);
    root.count += count;
    let node = root;
    for (const number of stack.frames) {
      const frame = profile.frames[number];
      if (frame === undefined) {
        continue;
      }
      const path = `${node.path}\n${frame.kind} ${frame.origin} ${frame.name}`;
      let child = known.get(path);
      if (child === undefined) {
        child = { frame, path, depth: node.depth + 1, parent: node, children: [], count: 0n };
        known.set(path, child);
        node.children.push(child);
      }
      child.count += count;
      node = child;
    }
  }
  for (const node of [root, ...known.values()]) {
    node.children.sort((a, b) => (a.path < b.path ? -1 : 1));
  }
  return root;
}

/** The node of that path; the nearest one below it that is there, at last the root. */
export function findNode(root: IFlameNode, path: string): IFlameNode {
  const child = root.children.find(one => path === one.path || path.startsWith(`${one.path}\n`));
  return child === undefined ? root : findNode(child, path);
}

/** Part of `whole` that `part` is, 0 to 1. */
export function shareOf(part: bigint, whole: bigint): number {
  return whole === 0n ? 0 : Number((part * 1_000_000n) / whole) / 1_000_000;
}

/**
 * Boxes of a zoomed picture: the callers of `zoomed` over the whole width, then what is above it. Boxes that are narrower
 * than `least` (a share) are left out.
 */
export function flameBoxes(zoomed: IFlameNode, least: number): IFlameBox[] {
  const boxes: IFlameBox[] = [];
  for (let node: IFlameNode | null = zoomed.parent; node !== null; node = node.parent) {
    boxes.unshift({ node, row: node.depth, left: 0, width: 1 });
  }
  const add = (node: IFlameNode, left: number, width: number): void => {
    if (width < least) {
      return;
    }
    boxes.push({ node, row: node.depth, left, width });
    let at = left;
    for (const child of node.children) {
      const share = width * shareOf(child.count, node.count);
      add(child, at, share);
      at += share;
    }
  };
  add(zoomed, 0, 1);
  return boxes;
}

/** The count of all stacks in which a frame has the text in its name; a stack counts once. */
export function matchedCount(root: IFlameNode, isMatch: (node: IFlameNode) => boolean): bigint {
  if (root.parent !== null && isMatch(root)) {
    return root.count;
  }
  return root.children.reduce((sum, child) => sum + matchedCount(child, isMatch), 0n);
}
