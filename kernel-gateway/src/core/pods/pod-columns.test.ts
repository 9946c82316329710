import { describe, expect, it } from 'vitest';
import type { Column, Row } from '../decode/column.js';
import { podColumns } from './pod-columns.js';
import type { PodContainer } from './pod-container.js';
import { PodIndex } from './pod-index.js';

const id = (digit: string): string => digit.repeat(64);
const container = (pod: string, digit: string, name = 'main'): PodContainer => ({
  ...{ namespace: 'shop', pod, node: 'node1', container: name, id: id(digit), labels: 'app=web' }
});
const column = (name: string, c_type: string, at: number, role: 'field' | 'key' = 'field'): Column => ({
  kind: 'u64',
  spec: { name, kind: 'u64', c_type, unit: '', role },
  words: { low: row => row.view.getUint32(at, true), high: () => 0 }
});
const rowOf = (...numbers: number[]): Row => {
  const bytes = new Uint8Array(Uint32Array.from(numbers).buffer);
  return { view: new DataView(bytes.buffer), bytes, at: 0, length: bytes.length, number: 0 };
};
const texts = (columns: Column[], row: Row): Record<string, string> =>
  Object.fromEntries(columns.map(one => [one.spec.name, one.kind === 'text' ? one.text(row) : '']));

const index = new PodIndex();
index.know([container('web-1', 'a'), container('web-1', 'b', 'side'), container('db', 'c')]);
index.scan(
  [
    `c 100 /sys/fs/cgroup/kubepods/pod1/${id('a')}`,
    `c 101 /sys/fs/cgroup/docker/${id('f')}/kubelet/kubepods/pod2/cri-containerd-${id('c')}.scope`,
    'c 5 /sys/fs/cgroup/system.slice',
    `p 41 0::/kubepods/pod1/${id('a')}`,
    `p 42 0::/kubepods/pod1/${id('b')}`,
    `p 43 0::/kubepods/pod2/${id('c')}`,
    'p 1 0::/init.scope',
    ...['n 41 900', 'n 42 900', 'n 43 901', 'n 1 4000', 'n 43 4000', 'm 41 950', 'm 42 951', 'm 1 4001']
  ].join('\n')
);

describe('podColumns', () => {
  it('names rows by a cgroup id, also in nested containers', () => {
    const columns = podColumns([column('cgroup_id', '__u64', 0)], index, '');
    const web = { namespace: 'shop', pod: 'web-1', container: 'main', labels: 'app=web', node: 'node1' };
    expect(texts(columns, rowOf(100))).toEqual(web);
    expect(texts(columns, rowOf(101))['pod']).toBe('db');
    expect(texts(columns, rowOf(5))['pod']).toBe('');
  });

  it('takes the surest key that is known', () => {
    const columns = podColumns([column('e.ppid', 'int', 4), column('e.pid', 'u32', 0)], index, '');
    expect(texts(columns, rowOf(43, 41))['pod']).toBe('db');
    expect(texts(columns, rowOf(77, 41))['pod']).toBe('web-1');
  });

  it('names a network by its pod alone, and the network of the node by none', () => {
    const columns = podColumns([column('netns', 'unsigned int', 0)], index, '');
    expect(texts(columns, rowOf(900))).toMatchObject({ pod: 'web-1', container: '' });
    expect(texts(columns, rowOf(4000))['pod']).toBe('');
    const mounts = podColumns([column('mntns_id', 'u32', 0)], index, '');
    expect(texts(mounts, rowOf(951))).toMatchObject({ pod: 'web-1', container: 'side' });
  });

  it.each([
    ['pid', 'u8', 'field'],
    ['cgroup_id', 'u32', 'field'],
    ['pids', 'u32', 'field'],
    ['count', 'u64', 'field']
  ] as const)('leaves %s of type %s alone', (name, type, role) => {
    expect(podColumns([column(name, type, 0, role)], index, 'counts')).toEqual([]);
  });

  it('reads a key that is just a number by the name of its map', () => {
    expect(texts(podColumns([column('key', 'u32', 0, 'key')], index, 'execs_by_pid'), rowOf(43))['pod']).toBe('db');
    expect(podColumns([column('key', 'u32', 0, 'key')], index, 'counts')).toEqual([]);
  });

  it('does not take away a name of the program', () => {
    const columns = podColumns([column('pid', 'u32', 0), column('pod', 'u32', 4)], index, '');
    expect(columns.map(one => one.spec.name)).toEqual(['namespace', '@pod', 'container', 'labels', 'node']);
  });
});

describe('PodIndex', () => {
  it('keeps the name of a container that is gone, and counts what it could not say', () => {
    const own = new PodIndex();
    expect(own.know([container('old', 'd')])).toBe(true);
    own.scan(`c 7 /kubepods/${id('d')}`);
    expect(own.know([])).toBe(false);
    own.scan('c 8 /other');
    expect(own.find('cgroup', 7, 0)?.pod).toBe('old');
    expect(own.find('cgroup', 9, 0)).toBeNull();
    expect(own.misses).toBe(1);
  });

  it('does not take the process ids of a nested namespace for those that programs see', () => {
    const own = new PodIndex();
    own.know([container('web', 'd')]);
    own.scan(`nested\np 7 /kubepods/${id('d')}\nn 7 900`);
    expect(own.find('pid', 7, 0)).toBeNull();
    expect(own.find('netns', 900, 0)?.pod).toBe('web');
  });

  it('holds ten thousand pods with what a node says of them, and a new one is found at once', () => {
    const many = new PodIndex();
    const idOf = (number: number): string => number.toString(16).padStart(64, '0');
    const pods = Array.from({ length: 10_000 }, (_, number) => ({
      ...container(`pod-${number}`, 'a'),
      id: idOf(number)
    }));
    many.know(pods);
    many.scan(pods.map((pod, number) => `c ${number + 10} /kubepods/${pod.id}`).join('\n'));
    expect(many.find('cgroup', 10_009, 0)?.pod).toBe('pod-9999');
    expect(many.know([...pods, { ...container('new', 'a'), id: idOf(20_000) }])).toBe(true);
    many.scan(`c 30000 /kubepods/${idOf(20_000)}`);
    expect(many.find('cgroup', 30_000, 0)?.pod).toBe('new');
  });
});
