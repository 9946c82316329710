/** Standard input of cells, as Jupyter's own client sees it, over the websocket. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KernelAPI, type Kernel, type KernelMessage } from '@jupyterlab/services';
import { KernelConnection } from '@jupyterlab/services/lib/kernel/default.js';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createLabServices } from '../../kernel-gateway/src/lab-services.js';
import { createLab } from '../../kernel-gateway/src/lab.js';
import { targets } from './on-each-target.js';
import { startTestServer, type TestServer } from './gateway-server.js';

const END_OF_FILE = '\u0004';

/** Asks as a beginner's program does: no flush, a question without a line end. */
const ADDS = `%%user adds
#include <stdio.h>
int main(void)
{
	int a, b;

	printf("Two numbers.\\n");
	printf("First: ");
	if (scanf("%d", &a) != 1)
		return 3;
	printf("Second: ");
	if (scanf("%d", &b) != 1)
		return 4;
	printf("Sum: %d\\n", a + b);
	return 0;
}
`;

interface Question {
  question: KernelMessage.IInputRequestMsg['header'];
  answer: (value: string) => void;
}

interface Executed {
  status: string;
  prompts: string[];
  stdout: string;
  stderr: string;
}

for (const [target, describeTarget] of targets) {
  describeTarget(`standard input of cells on ${target}`, () => {
    let test: TestServer;
    let services: Awaited<ReturnType<typeof createLabServices>>;
    let folder: string;
    let kernel: Kernel.IKernelConnection;
    let others: Kernel.IKernelConnection[];

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'bpflab-input-test-'));
      services = await createLabServices(createLab({ target }), folder);
      test = await startTestServer({ lab: services });
      others = [];
      kernel = connect(await KernelAPI.startNew({ name: 'bpflab' }, test.settings));
    });
    afterEach(() => {
      for (const other of others.splice(0)) other.dispose();
    });
    afterAll(async () => {
      kernel.dispose();
      await test.close();
      await services.close();
      rmSync(folder, { recursive: true });
    });

    const connect = (model: Kernel.IModel): Kernel.IKernelConnection =>
      new KernelConnection({ model, serverSettings: test.settings, handleComms: false });

    /** Runs a cell and gives these answers; with `null` the front end does not allow to ask. */
    async function execute(code: string, answers: (string | ((asked: Question) => void))[] | null): Promise<Executed> {
      const executed: Executed = { status: '', prompts: [], stdout: '', stderr: '' };
      const left = [...(answers ?? [])];
      const future = kernel.requestExecute({ code, allow_stdin: answers !== null });
      future.onStdin = message => {
        const { content, header } = message as KernelMessage.IInputRequestMsg;
        executed.prompts.push(content.prompt);
        const answer = (value: string): void => future.sendInputReply({ status: 'ok', value }, header);
        const next = left.shift();
        if (typeof next === 'string') answer(next);
        else next?.({ question: header, answer });
      };
      future.onIOPub = ({ header, content }) => {
        if (header.msg_type !== 'stream') return;
        const { name, text } = content as { name: 'stdout' | 'stderr'; text: string };
        executed[name] += text;
      };
      executed.status = (await future.done).content.status;
      return executed;
    }

    it('asks with the unfinished line, in front of which all output has come', async () => {
      const { status, prompts, stdout, stderr } = await execute(ADDS, ['40', '2']);
      expect({ status, prompts, stderr }).toEqual({ status: 'ok', prompts: ['First: ', 'Second: '], stderr: '' });
      // The front end shows question and answer itself.
      expect(stdout).toBe('Two numbers.\nSum: 42\n');
    });

    it('asks only the client that runs the cell', async () => {
      const other = connect({ id: kernel.id, name: kernel.name });
      others.push(other);
      await other.info;
      const heard: string[] = [];
      other.anyMessage.connect((_, { msg, direction }) => {
        if (direction === 'recv') heard.push(`${msg.channel} ${msg.header.msg_type}`);
      });
      const answered = await execute('%%sh\nread -r a; read -r b; echo "got $a $b"', [
        // An answer of somebody who was not asked counts nothing.
        ({ question, answer }) => {
          other.sendInputReply({ status: 'ok', value: 'stranger' }, question);
          void other.requestKernelInfo().then(() => answer('mine'));
        },
        'too'
      ]);
      expect(answered.stdout).toBe('got mine too\n');
      expect(heard.filter(name => name.startsWith('stdin'))).toEqual([]);
    });

    it('gives empty lines, spaces and end of file as they were typed', async () => {
      const { prompts, stdout } = await execute('%%sh\ncat -A; echo end', ['', '  a b', `c${END_OF_FILE}`]);
      expect(prompts).toEqual(['', '', '']);
      expect(stdout).toBe('$\n  a b$\ncend\n');
      expect((await execute('%%sh\nread -r line || echo none', [END_OF_FILE])).stdout).toBe('none\n');
    });

    it('gives end of file where nobody can be asked, and says it once', async () => {
      const { status, prompts, stdout, stderr } = await execute('%%sh\ncat; read -r line || echo none', null);
      expect({ status, prompts, stdout }).toEqual({ status: 'ok', prompts: [], stdout: 'none\n' });
      expect(stderr.match(/nobody can be asked/g)).toHaveLength(1);
      expect(stderr).toContain('--stdin TEXT');
      const refused = await execute(ADDS, null);
      expect(refused).toMatchObject({ status: 'error', stdout: 'Two numbers.\nFirst: ' });
    });

    it('takes input from the cell itself', async () => {
      expect((await execute(ADDS.replace('adds', 'adds --stdin 1 --stdin=-3'), null)).stdout).toContain('Sum: -2\n');
      await execute('%%file numbers.txt\n5 6', null);
      const read = await execute(ADDS.replace('adds', 'adds --stdin-file numbers.txt'), []);
      expect(read).toMatchObject({ status: 'ok', prompts: [], stderr: '' });
      expect(read.stdout).toContain('Sum: 11\n');
      const missing = await execute('%%sh --stdin-file nothing.txt\ncat', []);
      expect(missing.status).toBe('error');
    });

    it('stops to ask when the cell is interrupted', async () => {
      const interrupted = await execute('%%sh\nread -r line', [() => void kernel.interrupt()]);
      expect(interrupted).toMatchObject({ status: 'error', prompts: [''] });
      expect((await execute('%%sh\necho on', [])).stdout).toBe('on\n');
    });
  });
}
