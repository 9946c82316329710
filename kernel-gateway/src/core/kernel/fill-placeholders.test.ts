import { describe, expect, it } from 'vitest';
import { fillPlaceholders } from './fill-placeholders.js';

async function filled(code: string, answers: string[]): Promise<{ text: string | null; asked: string[] }> {
  const asked: string[] = [];
  const text = await fillPlaceholders(code, prompt => {
    asked.push(prompt);
    const answer = answers.shift();
    return Promise.resolve({ text: answer === undefined ? '' : `${answer}\n`, isEnd: answer === undefined });
  });
  return { text, asked };
}

describe('placeholders of a cell', () => {
  it('are asked for once each, in its magic lines', async () => {
    expect(await filled('%%bpf x --ifname <interface>\nint a <b > c;', ['lo'])).toEqual({
      text: '%%bpf x --ifname lo\nint a <b > c;',
      asked: ['interface: ']
    });
    expect(await filled('%set a=<pid> "b=<pidof victim>" c=<pid>', ['1', '2'])).toMatchObject({
      text: '%set a=1 "b=2" c=1'
    });
  });

  it('are none in code, in scripts and in comparisons', async () => {
    for (const code of ['#include <stdio.h>', '%%sh\ncat <file>', '%wait maps.x>=3', '%save v --where "a<b && c>d"'])
      expect(await filled(code, [])).toEqual({ text: code, asked: [] });
  });

  it('end the cell when nothing is given', async () => {
    expect((await filled('%%bpf x --ifname <interface>', [])).text).toBeNull();
    expect((await filled('%%bpf x --ifname <interface>', ['  '])).text).toBeNull();
  });
});
