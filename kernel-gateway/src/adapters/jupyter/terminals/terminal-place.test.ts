import { describe, expect, it } from 'vitest';
import { podTerminal, terminalPlace } from './terminal-place.js';

describe('terminalPlace', () => {
  it('reads what podTerminal writes, dots and all', () => {
    const place = { namespace: 'shop', pod: 'web.v2-1', container: 'main' };
    expect(terminalPlace(podTerminal(place))).toEqual({ node: '', ...place });
  });

  it('knows nodes, and nothing else', () => {
    expect(terminalPlace('node.worker.example')).toMatchObject({ node: 'worker.example', pod: '' });
    for (const name of ['1', 'target', 'target-x', 'pod', 'pod.a.b', 'node', 'podium.a.b.c'])
      expect(terminalPlace(name)).toBeNull();
  });
});
