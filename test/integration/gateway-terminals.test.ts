/** Terminals over their websockets: a shell in the compile sandbox, and one in a microVM. */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createLabServices } from '../../kernel-gateway/src/lab-services.js';
import { createLab } from '../../kernel-gateway/src/lab.js';
import { requires } from '../requires.js';
import { LabFixture } from './lab-fixture.js';
import { FOLLOWER, startTestServer, TOKEN, type TestServer } from './gateway-server.js';

let test: TestServer;
let services: Awaited<ReturnType<typeof createLabServices>>;
let notebooks: string;

/** One viewer of a terminal; `text` is all that it was shown. */
class Viewer {
  text = '';
  readonly closed: Promise<number>;
  /** Status of the refusal; never, when it is not refused. */
  readonly refused: Promise<number>;
  readonly #socket: WebSocket;
  #waiters: (() => void)[] = [];

  constructor(name: string, token = TOKEN) {
    const headers = { authorization: `token ${token}` };
    this.#socket = new WebSocket(`${test.origin.replace('http', 'ws')}/terminals/websocket/${name}`, { headers });
    this.closed = new Promise(resolve => this.#socket.once('close', resolve));
    this.refused = new Promise(resolve =>
      this.#socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
    );
    this.#socket.on('message', data => {
      const [kind, text] = JSON.parse((data as Buffer).toString()) as [string, unknown];
      if (kind === 'stdout') this.text += String(text);
      for (const waiter of this.#waiters.splice(0)) waiter();
    });
  }

  /** A viewer whose terminal has shown its prompt. */
  static async atPrompt(name: string): Promise<Viewer> {
    const viewer = new Viewer(name);
    await viewer.shows(text => /[#$] /.test(text));
    return viewer;
  }

  send(...message: unknown[]): void {
    this.#socket.send(JSON.stringify(message));
  }

  /** Types a command and gives what it wrote between its echo and the next prompt. */
  async run(command: string): Promise<string> {
    const mark = `end-${Math.random().toString(36).slice(2)}`;
    const from = this.text.length;
    this.send('stdin', `${command}; printf '%s\\n' ${mark.slice(0, 4)}''${mark.slice(4)}\r`);
    const text = await this.shows(text => text.indexOf(mark, from) >= 0);
    return text.slice(from, text.indexOf(mark, from));
  }

  async shows(accept: (text: string) => boolean): Promise<string> {
    while (!accept(this.text)) await new Promise<void>(resolve => this.#waiters.push(resolve));
    return this.text;
  }
}

async function start(body: object): Promise<string> {
  const response = await test.fetch('api/terminals', { method: 'POST', body: JSON.stringify(body) });
  expect(response.status).toBe(200);
  return ((await response.json()) as { name: string }).name;
}

const names = async (): Promise<string[]> =>
  ((await (await test.fetch('api/terminals')).json()) as { name: string }[]).map(({ name }) => name);

/** Processes of this machine that were started as "sleep SECONDS". */
function processesWith(seconds: string): string[] {
  const commandLine = (pid: string): string => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch {
      return '';
    }
  };
  return readdirSync('/proc').filter(pid => /^\d+$/.test(pid) && commandLine(pid) === `sleep\0${seconds}\0`);
}

requires('vm')('terminals', () => {
  beforeAll(async () => {
    notebooks = await mkdtemp(join(tmpdir(), 'bpflab-terminals-'));
    services = await createLabServices(createLab({ target: 'vm' }), notebooks);
    test = await startTestServer({ lab: services, notebookDir: notebooks });
  });

  afterAll(async () => {
    await test.close();
    await services.close();
    await rm(notebooks, { recursive: true });
  });

  it('are not shown the login of a cluster, and neither are the compiler and a cell', async () => {
    const secret = `secret-${process.pid}-${Date.now()}`;
    const folder = await mkdtemp(join(tmpdir(), 'bpflab-login-'));
    const kubeconfig = join(folder, 'config');
    await writeFile(kubeconfig, `${secret}\n`);
    const before = process.env['KUBECONFIG'];
    process.env['KUBECONFIG'] = kubeconfig;
    const lab = createLab({ target: 'vm' });
    const cells = new LabFixture(lab, 'vm');
    const look = `cat ${kubeconfig} /proc/*/root${kubeconfig}; env; cat /proc/*/environ | tr '\\0' '\\n'`;
    try {
      const viewer = await Viewer.atPrompt(await start({}));
      const told = [await viewer.run(look)];
      for (const text of [`%%sh\n${look}`, `%%bpf\n#include "${kubeconfig}"`, `%%user app\n#include "${kubeconfig}"`]) {
        const { outputs, outcome } = await cells.run(text);
        told.push(JSON.stringify({ outputs, outcome }));
      }
      // The terminal's folder is the only one that it shares with this machine.
      for (const text of told) {
        expect(text).not.toContain(secret);
        expect(text).not.toContain('KUBECONFIG');
      }
      expect(told[0]).toContain('TERM=xterm');
      expect(told[2]).toContain('file not found');
    } finally {
      if (before === undefined) delete process.env['KUBECONFIG'];
      else process.env['KUBECONFIG'] = before;
      await cells.close();
      await lab.close();
      await rm(folder, { recursive: true });
    }
  });

  describe('a terminal in the compile sandbox', () => {
    it('has the tools, the notebook folder and nothing else of this machine', async () => {
      const name = await start({});
      const viewer = await Viewer.atPrompt(name);
      viewer.send('set_size', 50, 120, 800, 600);
      expect(await viewer.run('stty size')).toContain('50 120');
      expect(await viewer.run('clang --version')).toContain('clang version');
      await viewer.run('echo mine > note.txt');
      expect(await readFile(join(notebooks, 'note.txt'), 'utf8')).toBe('mine\n');
      expect(await viewer.run('ls /root /home /etc/shadow; echo')).not.toContain(process.cwd().split('/')[1]!);
      expect(await viewer.run('cat /proc/net/dev | grep -c :')).toMatch(/\b1\b/);
      // Its own word says that it is the terminal's foreground process now: before, Ctrl-C would be the shell's.
      viewer.send('stdin', "sh -c 'echo in front; exec sleep 1000'\r");
      await viewer.shows(text => /[\r\n]in front/.test(text));
      viewer.send('stdin', '\u0003');
      expect(await viewer.run('echo $?')).toContain('130');
    });

    it('is shared by its viewers, late ones see what was there, and its end ends them', async () => {
      const name = await start({});
      const first = await Viewer.atPrompt(name);
      await first.run('echo one');
      const second = new Viewer(name);
      await second.shows(text => text.includes('one'));
      second.send('stdin', 'exit\r');
      expect(await Promise.all([first.closed, second.closed])).toEqual([1000, 1000]);
      expect(await names()).not.toContain(name);
    });

    it('ends with DELETE, and with it all that it has started', async () => {
      const name = await start({});
      const viewer = await Viewer.atPrompt(name);
      const seconds = String(100_000 + process.pid);
      await viewer.run(`trap '' HUP; { sleep ${seconds} & }`);
      await expect.poll(() => processesWith(seconds), { timeout: 10_000 }).not.toEqual([]);
      expect((await test.fetch(`api/terminals/${name}`, { method: 'DELETE' })).status).toBe(204);
      await viewer.closed;
      expect((await test.fetch(`api/terminals/${name}`)).status).toBe(404);
      await expect.poll(() => processesWith(seconds), { timeout: 10_000 }).toEqual([]);
    });

    it('is not for followers, and not there by another name', async () => {
      const name = await start({});
      expect(await new Viewer(name, FOLLOWER).refused).toBe(403);
      expect(await new Viewer('77').refused).toBe(404);
    });
  });

  describe('a terminal in the target', () => {
    it('is on the kernel of the session, and ends with it', async () => {
      const response = await test.fetch('api/kernels', { method: 'POST', body: '{}' });
      const { id } = (await response.json()) as { id: string };
      const name = await start({ name: `target-${id}` });
      const viewer = await Viewer.atPrompt(name);
      viewer.send('set_size', 41, 99, 0, 0);
      expect(await viewer.run('stty size; uname -n')).toMatch(/41 99\s+bpflab/);
      expect(await viewer.run('bpftool version')).toContain('libbpf');
      await test.fetch(`api/kernels/${id}`, { method: 'DELETE' });
      expect(await viewer.closed).toBe(1000);
      expect(await names()).not.toContain(name);
    });

    it('of a kernel that is not there is refused', async () => {
      const response = await test.fetch('api/terminals', { method: 'POST', body: '{"name":"target-nobody"}' });
      expect(response.status).toBe(404);
    });
  });
});
