/**
 * What the verifier's reasons mean for somebody who wrote C, and the next step. The first pattern that fits counts.
 * Words of the kernel: kernel/bpf/verifier.c of 6.1, 6.12, 6.18, 7.3.
 */
export const reasonTable: readonly { pattern: RegExp; hint: string }[] = [
  {
    pattern: /invalid mem access 'map_value_or_null'/,
    hint: 'The pointer may be NULL: check the result of the map lookup before you use it.'
  },
  {
    pattern: /invalid mem access '(?:ringbuf|alloc)_mem_or_null'/,
    hint: 'The pointer may be NULL: check the result of bpf_ringbuf_reserve, the ring may be full.'
  },
  {
    pattern: /invalid mem access '\w*_or_null_?'|pointer arithmetic on \w+_or_null prohibited/,
    hint: 'The pointer may be NULL: check it before you use it.'
  },
  {
    pattern: /invalid mem access '(?:scalar|inv)'/,
    hint: 'To the verifier this is a number, not a pointer: read kernel memory with BPF_CORE_READ or bpf_probe_read_kernel, and check what a helper returned before you use it.'
  },
  { pattern: /invalid mem access/, hint: 'Read through this pointer with BPF_CORE_READ or bpf_probe_read_kernel.' },
  {
    pattern: /invalid access to packet|offset is outside of the packet/,
    hint: 'Compare the end of what you read with data_end before you read it.'
  },
  {
    pattern:
      /invalid access to map value|max value is outside of the allowed memory range|min value is (?:negative|outside)/,
    hint: 'Bound the index before you use it: compare it with the size, or mask it with "& (SIZE - 1)".'
  },
  {
    pattern: /unbounded memory access|unbounded min value|value is negative, either use unsigned/,
    hint: 'Bound the value before you use it as a size or index, and make it unsigned.'
  },
  {
    pattern: /(?:invalid|write to stack|read from stack|variable-offset).*stack/,
    hint: 'The place is outside of the variable: keep the index below its size. The stack has 512 bytes.'
  },
  {
    pattern: /invalid zero-sized read|R\d+ invalid zero-sized/,
    hint: 'The size may be 0 or too large: give sizeof(…) or bound it.'
  },
  { pattern: /R0 !read_ok/, hint: 'Return a value on every path.' },
  {
    pattern: /R\d+ !read_ok/,
    hint: 'The variable has no value on one of the paths: give it one where it is declared.'
  },
  {
    pattern: /infinite loop detected/,
    hint: 'The loop has no end that the verifier can see: bound it with a constant, or use bpf_for or bpf_loop.'
  },
  { pattern: /back-edge from insn/, hint: 'This kernel allows no loop here: unroll it or bound it by a constant.' },
  {
    pattern: /program is too large|too many states|sequence of \d+ jumps is too complex/,
    hint: 'There are too many paths to follow: make loops shorter, or use bpf_loop, which is verified once.'
  },
  {
    pattern: /combined stack size|stack depth|Too large.*stack|stack size.*exceeds/,
    hint: 'All frames together have 512 bytes of stack: move large variables into a per-CPU array map.'
  },
  {
    pattern: /cannot call GPL-restricted function/,
    hint: 'Add: char LICENSE[] SEC("license") = "GPL"; this helper is for GPL programs only.'
  },
  {
    pattern: /program of this type cannot use helper|unknown func |helper call is not allowed/,
    hint: 'Programs of this section type, or of this kernel, do not have this helper: use another one or another section.'
  },
  {
    pattern:
      /calling kernel function \S+ is not allowed|kfunc '?\S+'? is referenced but wasn't resolved|invalid kfunc call/,
    hint: 'This kernel does not offer the function to programs of this type.'
  },
  {
    pattern: /failed to resolve CO-RE relocation|invalid CO-RE relocation|invalid func unknown#195896080/,
    hint: 'This kernel does not have the field or type: look at it with %btf, and guard it with bpf_core_field_exists.'
  },
  {
    pattern: /Unreleased reference|would lead to reference leak/,
    hint: 'On one of the paths the record or object is not given back: submit, discard or release it before every return.'
  },
  {
    pattern: /bpf_spin_unlock is missing|inside bpf_spin_lock-ed region|lock is held|while holding a lock/,
    hint: 'Unlock on every path before you return or call another helper.'
  },
  {
    pattern: /write into map forbidden|cannot write into rdonly|rdonly_mem/,
    hint: 'This memory is read-only: const globals cannot be written by the program.'
  },
  { pattern: /access beyond struct/, hint: 'The offset is outside of the struct: access a member by its name.' },
  {
    pattern: /invalid bpf_context access|dereference of modified ctx ptr/,
    hint: 'The context has no such field for programs of this type: use the context struct that belongs to the section.'
  },
  {
    pattern: /At program exit the register R0|R0 (?:has value|is not a known value)/,
    hint: 'Return one of the values that this section type allows.'
  },
  {
    pattern: /R\d+ type=\S+ expected=|Caller passes invalid args|arg#\d+ /,
    hint: 'The argument is of another kind than the function wants: a pointer to your own variable or to a map value, for example.'
  },
  {
    pattern: /math between .* pointer|pointer arithmetic|R\d+ pointer .* prohibited/,
    hint: 'Arithmetic on this pointer is not allowed: use it as it is, with a constant or bounded offset.'
  },
  {
    pattern: /leaks? addr(?:ess)? /,
    hint: 'A kernel address may not be stored where user space can read it.'
  },
  { pattern: /unreachable insn/, hint: 'There is code that can never run: take it out.' },
  { pattern: /misaligned/, hint: 'Read it in smaller pieces, or align the struct.' },
  {
    pattern: /attach_btf_id|is not a kernel function|func .* doesn't have/,
    hint: 'The kernel has no such function to attach to.'
  }
];
