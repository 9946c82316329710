import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StackProfile } from 'kernel-gateway/protocol';
import { findNode, flameBoxes, flameTree, matchedCount, type IFlameNode } from './flame-tree.js';

const names = ['main', 'read', 'burn', 'loop'];
const profileOf = (stacks: { frames: number[]; count: bigint }[]): StackProfile => ({
  unit: 'samples',
  frames: names.map(name => ({ name, kind: 'user', origin: '', is_known: true })),
  stacks: stacks.map(({ frames, count }) => ({ frames, count: String(count) })),
  total: String(stacks.reduce((sum, one) => sum + one.count, 0n)),
  omitted: { stacks: 0, count: '0' },
  problems: []
});
const anyProfile = fc
  .array(fc.record({ frames: fc.array(fc.nat(3), { maxLength: 5 }), count: fc.bigInt({ min: 1n, max: 1n << 60n }) }), {
    maxLength: 20
  })
  .map(profileOf);

const all = (node: IFlameNode): IFlameNode[] => [node, ...node.children.flatMap(all)];

describe('flameTree', () => {
  it('counts each stack in all of its callers, and in nothing else', () => {
    fc.assert(
      fc.property(anyProfile, profile => {
        const root = flameTree(profile);
        expect(root.count).toBe(BigInt(profile.total));
        for (const node of all(root)) {
          const above = node.children.reduce((sum, child) => sum + child.count, 0n);
          expect(above <= node.count).toBe(true);
          expect(findNode(root, node.path)).toBe(node);
        }
      })
    );
  });

  it('finds the nearest caller of a node that is gone', () => {
    const root = flameTree(profileOf([{ frames: [0, 1], count: 1n }]));
    const main = root.children[0]!;
    expect(findNode(root, `${main.path}\nuser  burn`)).toBe(main);
    expect(findNode(root, 'nothing')).toBe(root);
  });
});

describe('flameBoxes', () => {
  it('stand on their callers, beside each other', () => {
    fc.assert(
      fc.property(anyProfile, fc.nat(), (profile, seed) => {
        const root = flameTree(profile);
        const nodes = all(root);
        const zoomed = nodes[seed % nodes.length]!;
        const boxes = flameBoxes(zoomed, 0);
        const byNode = new Map(boxes.map(box => [box.node, box]));
        for (const { node, left, width, row } of boxes) {
          const below = node.parent && byNode.get(node.parent);
          expect(row).toBe(node.depth);
          if (below) {
            expect(left).toBeGreaterThanOrEqual(below.left - 1e-6);
            expect(left + width).toBeLessThanOrEqual(below.left + below.width + 1e-6);
          }
        }
      })
    );
  });

  it('leave out what is too narrow to see', () => {
    const root = flameTree(
      profileOf([
        { frames: [0], count: 999n },
        { frames: [1], count: 1n }
      ])
    );
    expect(flameBoxes(root, 0.01).map(box => box.node.frame.name)).toEqual(['', 'main']);
  });
});

describe('matchedCount', () => {
  it('counts a stack once', () => {
    const root = flameTree(
      profileOf([
        { frames: [0, 1, 0], count: 5n },
        { frames: [2], count: 7n }
      ])
    );
    expect(matchedCount(root, node => node.frame.name === 'main')).toBe(5n);
  });
});
