import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LabError } from '../../protocol/index.js';
import { findKernel, readInstalled, type Installed } from './installed.js';

let cache = '';
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'bpflab-installed-'));
});
afterEach(() => rmSync(cache, { recursive: true }));

function kernel(release: string): Installed['kernels'][number] {
  const file = (name: string): string => join(cache, 'kernels', release, name);
  return {
    release,
    vmlinux: file('vmlinux'),
    initrd: file('initrd-1.zst'),
    modules: file('modules.erofs'),
    btf: file('vmlinux.btf')
  };
}

function complete(): Installed {
  const releases = ['6.1.0-56-cloud-amd64', '6.12.9+deb13-cloud-amd64', '6.12.117+deb13-cloud-amd64'];
  return {
    version: 1,
    tools: { id: 't', root: join(cache, 'images/tools-t/root') },
    lab: { id: 'l', root: join(cache, 'images/lab-l/root'), erofs: join(cache, 'images/lab-l/root.erofs') },
    agent: { id: 'a', path: join(cache, 'agent-a/bpflab-agent') },
    kernels: releases.map(kernel),
    default_kernel: '6.12.9+deb13-cloud-amd64'
  };
}

function write(installed: unknown): void {
  writeFileSync(join(cache, 'installed.json'), JSON.stringify(installed));
}

function writeFiles({ tools, lab, agent, kernels }: Installed): void {
  for (const path of [tools.root, lab.root]) mkdirSync(path, { recursive: true });
  const files = [
    lab.erofs,
    agent.path,
    ...kernels.flatMap(({ vmlinux, initrd, modules, btf }) => [vmlinux, initrd, modules, btf])
  ];
  for (const path of files) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
  }
}

function messageOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(LabError);
    expect((error as LabError).code).toBe('BPFLAB_IMAGE_MISSING');
    return (error as LabError).message;
  }
  return expect.unreachable('it was read');
}

describe('readInstalled', () => {
  it('gives what set-up wrote', () => {
    write(complete());
    writeFiles(complete());
    expect(readInstalled(cache)).toEqual(complete());
  });

  it('says that nothing was set up', () => {
    expect(messageOf(() => readInstalled(cache))).toContain('missing: all');
  });

  it('names the parts that a running set-up has not made yet', () => {
    const { version, tools } = complete();
    write({ version, tools });
    expect(messageOf(() => readInstalled(cache))).toContain('missing: lab, agent, kernels, default_kernel');
  });

  it('names a file that was removed', () => {
    write(complete());
    writeFiles(complete());
    rmSync(complete().agent.path);
    expect(messageOf(() => readInstalled(cache))).toContain(complete().agent.path);
  });
});

describe('findKernel', () => {
  it('takes the default kernel, a release, or the newest of a series', () => {
    const found = (release: string | null): string => findKernel(complete(), release).release;
    expect(found(null)).toBe('6.12.9+deb13-cloud-amd64');
    expect(found('6.1.0-56-cloud-amd64')).toBe('6.1.0-56-cloud-amd64');
    expect(found('6.12')).toBe('6.12.117+deb13-cloud-amd64');
    expect(found('6.1')).toBe('6.1.0-56-cloud-amd64');
  });

  it('says how to install one that is not there', () => {
    expect(() => findKernel(complete(), '7.3')).toThrow('The kernel "7.3" is not installed.');
  });
});
