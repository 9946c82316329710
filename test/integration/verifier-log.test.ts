/** The whole log of a program that was accepted: what the verifier saw, and that looking leaves nothing behind. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Lab } from '../../kernel-gateway/src/lab.js';
import { variablesAt, VerifierSteps } from '../../kernel-gateway/src/protocol/index.js';
import { requires } from '../requires.js';
import { LabFixture, openLab } from './lab-fixture.js';
import { execs } from './programs.js';

requires('vm')('the log of an accepted program', () => {
  let lab: Lab;
  let cells: LabFixture;

  beforeAll(() => {
    lab = openLab();
    cells = new LabFixture(lab, 'vm');
  });
  afterAll(async () => {
    await cells.close();
    await lab.close();
  });

  const objects = async (): Promise<number[][]> => {
    const connection = await cells.session.connection();
    const { programs, maps, links } = await connection.request('inventory', { scope: 'target' });
    return [programs, maps, links].map(list => list.map(({ id }) => id));
  };

  it('has every instruction with its state, in the names of the cell', async () => {
    await cells.ok(execs);
    const before = await objects();
    const { log, trace } = await cells.session.verifierLog(cells.card('execs').run, 'on_exec');
    expect(log).not.toContain('PROG LOAD LOG');
    const steps = new VerifierSteps(log.split('\n'));
    const reserve = steps.steps.findIndex(step => step.text.startsWith('call bpf_ringbuf_reserve#'));
    const { frames } = steps.after(reserve);
    expect(frames[0]?.get('R0')).toMatch(/^ringbuf_mem_or_null\(/);
    const names = trace.functions[0]?.variables.map(variable => variable.name);
    expect(names).toEqual(expect.arrayContaining(['e', 'comm', 'count', 'one']));
    expect(steps.steps.some(step => step.text === 'exit')).toBe(true);
    const submit = steps.steps.find(step => step.text.startsWith('call bpf_ringbuf_submit#'));
    expect(trace.body.split('\n')[0]).not.toContain('%%bpf');
    expect(trace.functions[0]?.lines.some(line => line.text.includes('bpf_ringbuf_submit'))).toBe(true);
    expect(variablesAt(trace, submit?.insn ?? -1, 'R10')).toEqual([]);
    expect(await objects()).toEqual(before);
  });

  it('is there after the run has ended, too', async () => {
    await cells.ok('%stop');
    const { log } = await cells.session.verifierLog(cells.card('execs').run, 'on_exec');
    expect(log).toMatch(/processed \d+ insns/);
  });

  it('says that there is no such program', async () => {
    await expect(cells.session.verifierLog('execs-99', 'on_exec')).rejects.toMatchObject({
      code: 'BPFLAB_RUN_UNKNOWN'
    });
    const { run } = cells.card('execs');
    await expect(cells.session.verifierLog(run, 'nobody')).rejects.toMatchObject({ code: 'BPFLAB_RUN_UNKNOWN' });
  });
});
