import { beforeEach, expect, it } from 'vitest';
import { InputDesk } from './input-desk.js';
import type { JupyterMessage, KernelClient } from './jupyter-message.js';
import { MessageFactory } from './message-factory.js';

let ids = 0;
const clock = { now: () => '', newId: () => `id-${ids++}`, schedule: () => () => undefined };
const factory = new MessageFactory(clock);
const request = factory.make('shell', 'execute_request', null, { content: {} });

interface Heard extends KernelClient {
  heard: JupyterMessage[];
}
const newClient = (): Heard => {
  const heard: JupyterMessage[] = [];
  return { heard, send: message => void heard.push(message) };
};
const reply = (content: Record<string, unknown>, question?: JupyterMessage): JupyterMessage =>
  factory.make('stdin', 'input_reply', question?.header ?? null, { content: { status: 'ok', ...content } });

let desk: InputDesk;
let client: Heard;

beforeEach(() => {
  desk = new InputDesk(factory);
  client = newClient();
});

it('asks on the stdin channel, under the request', () => {
  void desk.ask(request, client, 'Name: ');
  expect(client.heard[0]).toMatchObject({
    channel: 'stdin',
    header: { msg_type: 'input_request' },
    parent_header: { msg_id: request.header.msg_id },
    content: { prompt: 'Name: ', password: false }
  });
});

it.each([
  [{ value: 'Ada' }, { text: 'Ada\n', isEnd: false }],
  [{ value: '' }, { text: '\n', isEnd: false }],
  [{ value: '\u0004' }, { text: '', isEnd: true }],
  [{ value: 'Ada\u0004' }, { text: 'Ada', isEnd: true }],
  [{ status: 'error' }, { text: '', isEnd: true }]
])('takes %j', async (content, line) => {
  const asked = desk.ask(request, client, '');
  desk.reply(reply(content), client);
  expect(await asked).toEqual(line);
});

it('drops answers of others, and to questions that are over', async () => {
  void desk.ask(request, client, 'first');
  desk.reply(reply({ value: 'one' }, client.heard[0]), client);
  const asked = desk.ask(request, client, 'second');
  desk.reply(reply({ value: 'stranger' }), newClient());
  desk.reply(reply({ value: 'late' }, client.heard[0]), client);
  desk.reply(reply({ value: 'two' }, client.heard[1]), client);
  expect(await asked).toEqual({ text: 'two\n', isEnd: false });
});

it('gives end of file when the client is gone, and when the cell has ended', async () => {
  const first = desk.ask(request, client, '');
  desk.forget(newClient());
  desk.forget(client);
  expect(await first).toEqual({ text: '', isEnd: true });
  const second = desk.ask(request, client, '');
  desk.close();
  expect(await second).toEqual({ text: '', isEnd: true });
});
