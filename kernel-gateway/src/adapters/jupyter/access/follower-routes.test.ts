import fc from 'fast-check';
import { expect, it } from 'vitest';
import { followerConnects, followerReads, type Shared } from './follower-routes.js';

const shared: Shared = { hasNotebook: path => path === 'talk/a b.ipynb', hasKernel: id => id === 'k1' };

it.each([
  'doc/tree/talk/a%20b.ipynb',
  'static/lab/main.js',
  'lab/api/settings/x',
  'api/contents/talk/a%20b.ipynb',
  'api/contents/talk/a%20b.ipynb/checkpoints',
  'api/kernels/k1',
  'api/sessions'
])('a follower reads %s', path => expect(followerReads(path, shared)).toBe(true));

it.each([
  'lab',
  'lab/tree/talk/a%20b.ipynb',
  'doc/tree/other.ipynb',
  'api/contents',
  'api/contents/',
  'api/contents/talk',
  'api/contents/other.ipynb',
  'api/contents/talk%2fa%20b.ipynb%2f..%2f..%2fother.ipynb',
  'api/contents/%E0%A4%A',
  'files/talk/a%20b.ipynb',
  'files/other.ipynb',
  'api/kernels/k2',
  'api/status',
  'api/terminals',
  'metrics',
  'lab/api/workspaces/default',
  'bpflab/api/team',
  'bpflab/api/team/search',
  'bpflab/api/labs',
  'bpflab/api/lessons',
  'bpflab/api/status',
  'bpflab/api/containers',
  'bpflab/api/follow',
  'bpflab/api/replays/k1',
  'bpflab/api/versions/talk/a%20b.ipynb',
  'bpflab/api/sessions/k1/views/v/export'
])('a follower does not read %s', path => expect(followerReads(path, shared)).toBe(false));

it('a follower connects to the kernel, the outputs and the text of what is shown, and to nothing else', () => {
  for (const path of [
    'api/events/subscribe',
    'api/kernels/k1/channels',
    'bpflab/api/outputs/talk/a%20b.ipynb',
    'bpflab/api/follow/talk/a%20b.ipynb'
  ])
    expect(followerConnects(path, shared)).toBe(true);
  for (const path of [
    'api/kernels/k2/channels',
    'terminals/websocket/1',
    'bpflab/api/outputs/other.ipynb',
    'bpflab/api/follow/other.ipynb'
  ])
    expect(followerConnects(path, shared)).toBe(false);
});

it('while nothing is shown, no path has anything of a person', () => {
  const nothing: Shared = { hasNotebook: () => false, hasKernel: () => false };
  fc.assert(
    fc.property(fc.webPath(), path => {
      for (const front of ['api/contents', 'files', 'doc/tree', 'api/kernels/x', 'bpflab/api', 'terminals'])
        expect(followerReads(`${front}${path}`, nothing)).toBe(false);
    })
  );
});
