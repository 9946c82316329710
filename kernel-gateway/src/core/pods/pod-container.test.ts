import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containersOf, groupIdsOf, type PodContainer, type PodObject } from './pod-container.js';

const id = (digit: string): string => digit.repeat(64);
const status = (name: string, digit: string, state: unknown = { running: {} }): object => ({
  name,
  containerID: `containerd://${id(digit)}`,
  state
});
const web = {
  metadata: { namespace: 'default', name: 'web', labels: { app: 'web' } },
  spec: { nodeName: 'node1' },
  status: {
    containerStatuses: [status('main', 'a'), status('side', 'b'), status('ended', 'c', { terminated: {} })],
    ephemeralContainerStatuses: [status('debug', 'd')]
  }
} as PodObject;
const container = (digit: string): PodContainer => ({
  ...{ namespace: 'default', pod: 'web', node: 'node1', container: 'main', labels: 'app=web' },
  id: id(digit)
});

describe('containersOf', () => {
  it('gives the containers that run', () => {
    expect(containersOf(web).map(one => one.container)).toEqual(['main', 'side', 'debug']);
    expect(containersOf(web, 'side')).toEqual([{ ...container('b'), container: 'side' }]);
  });

  it('takes any object for a pod', () => {
    expect(containersOf({})).toEqual([]);
    fc.assert(
      fc.property(fc.string(), text => {
        const odd = { status: { containerStatuses: [{ name: 'x', containerID: text, state: { running: {} } }] } };
        expect(containersOf(odd).length).toBeLessThanOrEqual(1);
      })
    );
  });
});

describe('groupIdsOf', () => {
  it('finds the groups of both cgroup drivers, and those below them', () => {
    const tree = [
      '1 /sys/fs/cgroup',
      `20 /sys/fs/cgroup/kubepods/burstable/pod1/${id('a')}`,
      `21 /sys/fs/cgroup/kubepods/burstable/pod1/${id('a')}/system.slice`,
      `30 /sys/fs/cgroup/kubepods.slice/cri-containerd-${id('b')}.scope`,
      `40 /sys/fs/cgroup/kubepods/${id('c')}`,
      `50 /sys/fs/cgroup/kubepods/${id('a')}a`,
      'no line of ours'
    ].join('\n');
    expect(groupIdsOf([container('a'), container('b')], tree)).toEqual([20n, 21n, 30n]);
    expect(groupIdsOf([], tree)).toEqual([]);
  });
});
