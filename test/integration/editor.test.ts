import { KernelAPI, type Kernel, type KernelMessage, ServerConnection } from '@jupyterlab/services';
import { KernelConnection } from '@jupyterlab/services/lib/kernel/default.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LanguageAnswers, LanguageAsk, LanguageReply } from '../../kernel-gateway/src/protocol/index.js';
import { LANGUAGE_COMM } from '../../kernel-gateway/src/protocol/index.js';
import { LabServer } from '../e2e/lab-server.js';
import { requires } from '../requires.js';

const PROGRAM = `%%bpf counted
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
char LICENSE[] SEC("license") = "GPL";
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, u32); __type(value, u64); } counts SEC(".maps");
SEC("xdp")
int on_packet(struct xdp_md *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
`;

const split = (marked: string): { code: string; cursor_pos: number } => ({
  code: marked.replace('|', ''),
  cursor_pos: marked.indexOf('|')
});

requires('vm')('an editor, over the Jupyter protocol', () => {
  let server: LabServer;
  let kernel: Kernel.IKernelConnection;
  let comm: Kernel.IComm;
  let lastId = 0;

  beforeAll(async () => {
    server = await LabServer.start();
    const settings = ServerConnection.makeSettings({
      baseUrl: `${server.origin}/`,
      wsUrl: `${server.origin.replace('http', 'ws')}/`,
      token: server.token,
      appendToken: true
    });
    const model = await KernelAPI.startNew({ name: 'bpflab' }, settings);
    kernel = new KernelConnection({ model, serverSettings: settings, handleComms: true });
    await kernel.info;
    comm = kernel.createComm(LANGUAGE_COMM);
    comm.open({});
    // The target is up: its tracepoints are waited for only so long.
    await kernel.requestExecute({ code: '%%sh\ntrue' }).done;
  });

  afterAll(async () => {
    await kernel.shutdown();
    kernel.dispose();
    await server.close();
  });

  function ask<K extends LanguageAsk['kind']>(
    question: Extract<LanguageAsk, { kind: K }>
  ): Promise<LanguageAnswers[K]> {
    const id = ++lastId;
    return new Promise((resolve, reject) => {
      const listener = (_: unknown, { msg, direction }: Kernel.IAnyMessageArgs): void => {
        const { data } = msg.content as { data?: LanguageReply };
        if (direction !== 'recv' || msg.header.msg_type !== 'comm_msg' || data?.id !== id) return;
        kernel.anyMessage.disconnect(listener);
        if (data.ok) resolve(data.answer as LanguageAnswers[K]);
        else reject(new Error(data.message));
      };
      kernel.anyMessage.connect(listener);
      comm.send({ id, ask: question });
    });
  }

  const complete = async (marked: string): Promise<KernelMessage.ICompleteReplyMsg['content'] & { status: 'ok' }> =>
    (await kernel.requestComplete(split(marked))).content as never;
  const inspect = async (marked: string): Promise<string> => {
    const { content } = await kernel.requestInspect({ ...split(marked), detail_level: 0 });
    return (content as { data: Record<string, string> }).data['text/plain'] ?? '';
  };

  it('completes members of the kernel’s types through pointers, with their types', async () => {
    const { matches, metadata } = await complete(`${PROGRAM}	task->mm->pg|`);
    expect(matches).toEqual(expect.arrayContaining(['pgd']));
    const [first] = (metadata as Record<string, { text: string; type: string; signature: string }[]>)[
      '_jupyter_types_experimental'
    ]!;
    expect(first).toMatchObject({ text: 'pgd', type: 'field' });
    expect(first!.signature).toMatch(/^pgd_t \*, offset \d+$/);
    expect((await complete(`${PROGRAM}	BPF_CORE_READ(task, mm, pg|`)).matches).toContain('pgd');
  });

  it('offers the helpers of the image that the program may call', async () => {
    expect((await complete(`${PROGRAM}	bpf_xdp_adj|`)).matches).toContain('bpf_xdp_adjust_head');
    expect((await complete(`${PROGRAM}	bpf_get_stacki|`)).matches).toEqual([]);
    expect((await complete('SEC("kprobe/x")\nint f(void *ctx)\n{\n\tbpf_get_stacki|')).matches).toContain(
      'bpf_get_stackid'
    );
    expect((await complete(`${PROGRAM}	bpf_task_acq|`)).matches).toContain('bpf_task_acquire');
  });

  it.each([
    ['SEC("tracepoint/sched/sched_process_exe|', 'tracepoint/sched/sched_process_exec'],
    ['SEC("kprobe/do_unlinka|', 'kprobe/do_unlinkat'],
    ['SEC("lsm/file_ope|', 'lsm/file_open'],
    ['SEC("iter/tas|', 'iter/task'],
    ['SEC("tp_btf/sched_swi|', 'tp_btf/sched_switch'],
    ['%%bpftrace\nkprobe:do_unlinka|', 'kprobe:do_unlinkat'],
    [
      'SEC("tp/sched/sched_process_exec")\nint f(struct trace_event_raw_sched_process_exec *ctx)\n{\n\tctx->old_|',
      'old_pid'
    ]
  ])('completes %s from the target', async (marked, word) => {
    expect((await complete(marked)).matches).toContain(word);
  });

  it('explains helpers, layouts, maps and sections', async () => {
    const helper = await inspect(`${PROGRAM}	bpf_get_current_co|mm`);
    expect(helper).toContain('long bpf_get_current_comm(void *buf, __u32 size_of_buf);');
    expect(helper).toContain('Programs of type xdp may not call it.');
    expect(helper).toContain('NUL-terminated');
    expect(await inspect(`${PROGRAM}	task->m|m`)).toMatch(/struct mm_struct \*mm;\s+offset \d+, 8 bytes/);
    expect(await inspect(`${PROGRAM}	&coun|ts`)).toContain('entries  64');
    expect(await inspect('SEC("tp/sched/sched_wak|eup")')).toContain(
      'struct trace_event_raw_sched_wakeup_template *ctx'
    );
  });

  it('checks a text with the compiler, with fixes, in lines of the cell', async () => {
    const items = await ask({ kind: 'check', text: `${PROGRAM}\treturn tsk;\n}\n` });
    const line = PROGRAM.split('\n').length;
    expect(items![0]).toMatchObject({ severity: 'error', line, column: 9, file: '' });
    expect(items![0]!.fixes).toEqual([{ line, column: 9, end_line: line, end_column: 12, text: 'task' }]);
    expect(await ask({ kind: 'check', text: `${PROGRAM}\treturn XDP_PASS;\n}\n` })).toEqual([]);
    expect(await ask({ kind: 'check', text: '%%nope' })).toMatchObject([{ severity: 'error', line: 1 }]);
  });

  it('answers the newest of many checks, and a run does not wait for them', async () => {
    const texts = Array.from({ length: 10 }, (_, i) => `${PROGRAM}\treturn missing_${i};\n}\n`);
    const answers = texts.map(text => ask({ kind: 'check', text }));
    const future = kernel.requestExecute({ code: '%lsmagic' }, true);
    expect((await future.done).content.status).toBe('ok');
    const all = await Promise.all(answers);
    expect(all.at(-1)![0]!.message).toContain('missing_9');
    expect(all.filter(answer => answer === null).length).toBeGreaterThan(0);
  });

  it('knows signatures and definitions', async () => {
    const { code: text, cursor_pos: cursor } = split(`${PROGRAM}	bpf_map_update_elem(&counts, |`);
    const signature = await ask({ kind: 'signature', text, cursor });
    expect(signature!.label.slice(signature!.active!.start, signature!.active!.end)).toBe('const void *key');
    const at = (marked: string): Promise<LanguageAnswers['definition']> => {
      const { code, cursor_pos } = split(marked);
      return ask({ kind: 'definition', text: code, cursor: cursor_pos });
    };
    expect(await at(`${PROGRAM}	&coun|ts`)).toMatchObject({ origin: 'cell', line: 6 });
    const member = (await at(`${PROGRAM}	task->m|m`))!;
    expect(member).toMatchObject({ origin: 'header', path: 'vmlinux.h' });
    const header = await ask({ kind: 'read_file', origin: 'header', path: 'vmlinux.h' });
    expect(header.split('\n')[member.line - 1]!.slice(member.column - 1)).toMatch(/^mm;/);
  });

  it('formats the body of a cell, and reads and writes files of the session only', async () => {
    expect(await ask({ kind: 'format', text: '%%bpf x\nint f(void){return 1;}', style: 'lab' })).toBe(
      '%%bpf x\nint f(void)\n{\n    return 1;\n}'
    );
    expect(await ask({ kind: 'format', text: '%%sh\necho   a', style: 'lab' })).toBe('%%sh\necho   a');
    await ask({ kind: 'write_file', path: 'more/own.h', text: 'struct own { int first; };\n' });
    expect(await ask({ kind: 'list_files' })).toContainEqual({ path: 'more/own.h', size: 27 });
    const own = await complete('#include "more/own.h"\nint f(struct own *o)\n{\n\treturn o->fi|');
    expect(own.matches).toEqual(['first']);
    await expect(ask({ kind: 'write_file', path: '../out', text: '' })).rejects.toThrow('leads out');
    await expect(ask({ kind: 'read_file', origin: 'session', path: '/etc/passwd' })).rejects.toThrow();
    await expect(ask({ kind: 'read_file', origin: 'header', path: '../../etc/passwd' })).rejects.toThrow('no header');
    await ask({ kind: 'write_file', path: '.clang-format', text: 'BasedOnStyle: [broken\n' });
    await expect(ask({ kind: 'format', text: 'int x;', style: 'lab' })).rejects.toThrow('clang-format');
  });
});
