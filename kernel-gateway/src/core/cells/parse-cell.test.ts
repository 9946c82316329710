import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { magicTable } from './magic.table.js';
import { parseCell } from './parse-cell.js';

const code = (text: string): string => {
  const cell = parseCell(text);
  return cell.kind === 'invalid' ? `${cell.error.code}@${cell.line}: ${cell.error.message}` : cell.kind;
};

describe('parseCell', () => {
  it('reads a cell without a magic as a BPF program named after its first program', () => {
    const text =
      '#include "vmlinux.h"\nchar LICENSE[] SEC("license") = "GPL";\nSEC("kprobe/do_unlinkat")\nint BPF_KPROBE(on_unlink, int dfd)\n{ return 0; }';
    expect(parseCell(text)).toMatchObject({ kind: 'bpf', name: 'on_unlink', bodyLine: 1, body: text });
  });

  it('reads name and options of %%bpf in any order', () => {
    const cell = parseCell(
      '\n// first\n%%bpf --for 5s latency --set min_ns=1000 --set=tag="a b" --keep-maps --attach count:ifname=veth0,direction=egress --ifname lab0 --attach-target gate --attach-target on_exit=web.gate --type "rb=struct event"\nint x;\n'
    );
    expect(cell).toEqual({
      kind: 'bpf',
      name: 'latency',
      body: 'int x;\n',
      bodyLine: 4,
      options: {
        forMs: 5000,
        events: null,
        wait: false,
        target: null,
        kernels: null,
        set: [
          { name: 'min_ns', value: '1000' },
          { name: 'tag', value: 'a b' }
        ],
        keepMaps: true,
        pristine: false,
        attach: [
          { program: 'count', key: 'ifname', value: 'veth0' },
          { program: 'count', key: 'direction', value: 'egress' },
          { program: '*', key: 'ifname', value: 'lab0' }
        ],
        attachTargets: [
          { program: '*', target: 'gate' },
          { program: 'on_exit', target: 'web.gate' }
        ],
        noAttach: false,
        only: [],
        recordTypes: [{ map: 'rb', type: 'struct event' }],
        pods: null
      }
    });
  });

  it('reads which kernels are compared', () => {
    const kernelsOf = (line: string): unknown => {
      const cell = parseCell(`${line}\nint x;`);
      return cell.kind === 'bpf' ? cell.options.kernels : code(`${line}\nint x;`);
    };
    expect(kernelsOf('%%bpf --kernel all')).toEqual(['all']);
    expect(kernelsOf('%%bpf --kernel 6.1,6.12 --target vm')).toEqual(['6.1', '6.12']);
    expect(kernelsOf('%%bpf --kernel 6.1,')).toContain('BPFLAB_CELL_OPTION');
    expect(kernelsOf('%%bpf --kernel 6.1 --node worker')).toContain('is for virtual machines, not for the target');
    expect(kernelsOf('%%bpf --kernel 6.1 --pod web')).toContain('there are no pods');
  });

  it('reads which pods a program shall see', () => {
    const optionsOf = (line: string): unknown => {
      const cell = parseCell(`${line}\nint x;`);
      return cell.kind === 'bpf' ? cell.options.pods : cell;
    };
    expect(optionsOf('%%bpf --pod shop/cart-0 --container main')).toEqual({
      ...{ pod: 'shop/cart-0', selector: '', container: 'main', namespace: '' }
    });
    expect(optionsOf('%%bpf --selector app=web,tier!=db --namespace shop')).toEqual({
      ...{ pod: '', selector: 'app=web,tier!=db', container: '', namespace: 'shop' }
    });
    expect(optionsOf('%%bpf --container main')).toMatchObject({
      kind: 'invalid',
      error: { code: 'BPFLAB_CELL_OPTION' }
    });
  });

  it('passes words after -- to a user program', () => {
    expect(parseCell("%%user bootstrap -- -d 100 'a b'\nint main;")).toMatchObject({
      kind: 'user',
      name: 'bootstrap',
      args: ['-d', '100', 'a b'],
      background: false
    });
  });

  it('reads the folder and the goals of a make cell', () => {
    expect(parseCell('%%make 11-bootstrap/ --for 5s -- bootstrap V=1\n./bootstrap')).toMatchObject({
      kind: 'make',
      folder: '11-bootstrap',
      goals: ['bootstrap', 'V=1'],
      body: './bootstrap',
      options: { forMs: 5000 }
    });
    expect(parseCell('%%make .')).toMatchObject({ kind: 'make', folder: '', goals: [] });
    expect(parseCell('%%make ../other')).toMatchObject({ kind: 'invalid', error: { code: 'BPFLAB_FILE_PATH' } });
  });

  it('reads a bcc cell with the words of its program', () => {
    expect(parseCell('%%bcc --for 5s -- -p 7\nfrom bcc import BPF')).toMatchObject({
      kind: 'bcc',
      args: ['-p', '7'],
      body: 'from bcc import BPF',
      options: { forMs: 5000 }
    });
  });

  it('reads several line magics with comments between them', () => {
    const cell = parseCell('# look\n%maps counts\n\n// then\n%wait events>=10 --timeout 5s\n%stop\n');
    expect(cell).toEqual({
      kind: 'lines',
      magics: [
        { name: 'maps', args: ['counts'], line: 2, help: false },
        { name: 'wait', args: ['events>=10', '--timeout', '5s'], line: 5, help: false },
        { name: 'stop', args: [], line: 6, help: false }
      ]
    });
  });

  it.each([
    ['%%bpf?', '%%bpf'],
    ['%%bpf --help', '%%bpf'],
    ['?%%sh', '%%sh'],
    ['%maps?', '%maps'],
    ['?wait', '%wait']
  ])('answers %s with help', (text, magic) => {
    expect(parseCell(text)).toEqual({ kind: 'help', magic });
  });

  it.each([
    ['', 'empty'],
    [' \n// nothing\n/* yet\n */\n', 'empty'],
    ['/* %%sh */ int x;', 'bpf'],
    ['%%file inc/a.h\n', 'file'],
    ['%%writefile a.h\nx', 'file'],
    ['%%bfp x\n', 'BPFLAB_CELL_MAGIC_UNKNOWN@1: There is no magic "%%bfp"; is it "%%bpf".'],
    ['%bpf x', 'BPFLAB_CELL_MAGIC_UNKNOWN@1: "%bpf" is written "%%bpf".'],
    [
      '%maps\nint x;',
      'BPFLAB_CELL_MAGIC_UNKNOWN@2: Line 2 is no magic: "int x;". Line magics stand in a cell of their own.'
    ],
    ['%%bpf --fro 5s', 'BPFLAB_CELL_OPTION@1: %%bpf: there is no option "--fro"; is it "--for".'],
    ['%%bpf --for', 'BPFLAB_CELL_OPTION@1: %%bpf: "--for" needs DURATION.'],
    ['%%bpf --for soon', 'BPFLAB_CELL_OPTION@1: %%bpf: "--for" needs a duration such as 500ms or 5s, not "soon".'],
    ['%%bpf a b', 'BPFLAB_CELL_OPTION@1: %%bpf: "b" is one word too many.'],
    ['%%bpf 1a', 'BPFLAB_CELL_OPTION@1: %%bpf: the name "1a" must be letters, digits and _, no digit first.'],
    ["%%sh 'x", "BPFLAB_CELL_OPTION@1: %%sh: the quote ' is not closed."],
    ['%%file ../x\n', 'BPFLAB_FILE_PATH@1: "../x" is no path of the session: ".." leads out of the folder.'],
    [
      '%%file /etc/passwd\n',
      'BPFLAB_FILE_PATH@1: "/etc/passwd" is no path of the session: it is not relative to the session.'
    ],
    ['%%%', 'BPFLAB_CELL_MAGIC_UNKNOWN@1: "%%%" is no magic.']
  ])('reads %j as %s', (text, expected) => {
    expect(code(text)).toBe(expected);
  });

  it('refuses a cell of 10 MiB', () => {
    expect(code('x'.repeat(10 * 1024 * 1024))).toBe(
      'BPFLAB_CELL_TOO_LARGE@1: The cell has 10.0 MiB of text; 1 MiB is the most.'
    );
  });

  it('never throws, and keeps the text below the magic as it is', () => {
    const piece = fc.constantFrom(
      '%',
      '%%',
      '?',
      '--',
      '=',
      '"',
      "'",
      '\\',
      '\n',
      ' ',
      'bpf',
      'sh',
      '/*',
      '*/',
      '#',
      'SEC("'
    );
    const text = fc.array(fc.oneof(piece, fc.string({ maxLength: 8 }))).map(parts => parts.join(''));
    fc.assert(
      fc.property(fc.constantFrom(...magicTable), text, fc.boolean(), (magic, rest, prefixed) => {
        const prefix = magic.scope === 'cell' ? '%%' : '%';
        const cell = parseCell(prefixed ? `${prefix}${magic.name} ${rest}` : rest);
        if ('body' in cell && cell.bodyLine > 1) expect(rest.replaceAll(/\r\n?/g, '\n').endsWith(cell.body)).toBe(true);
      }),
      { numRuns: 2000 }
    );
  });
});
