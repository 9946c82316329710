import { describe, expect, it } from 'vitest';
import { defaultName } from './default-name.js';

describe('defaultName', () => {
  it.each([
    ['SEC("xdp")\nint drop(struct xdp_md *ctx)\n{', 'drop'],
    ['char L[] SEC("license") = "GPL";\nSEC("fentry/do_unlinkat")\nint BPF_PROG(on_entry, int dfd) {', 'on_entry'],
    [
      'struct { int x; } m SEC(".maps");\nstatic int helper(int a) { return 0; }\nSEC("tc") int egress(void *c) {',
      'egress'
    ],
    ['int x;', 'cell'],
    ['SEC("', 'cell']
  ])('takes the name from %j', (text, name) => expect(defaultName(text)).toBe(name));
});
