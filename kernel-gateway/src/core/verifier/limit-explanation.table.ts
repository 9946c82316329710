/** Refusals about the shape of a program: loops, size, stack, paths that end badly. Reasons as kernel/bpf/verifier.c of 6.1 to 7.3 writes them. */
import { explanationRow as row } from './explanation-row.js';

/** In order: the first row that fits counts. */
export const limitExplanations = [
  row('no-return-value', /R0 !read_ok/, {
    title: ['The program ends without a return value', '程序结束时没有返回值'],
    why: [
      'On this path nothing has put a value into R0, which carries what the program returns.',
      '在这条路径上没有给 R0 赋值，而返回值就放在 R0 中。'
    ],
    write: ['Return a value on every path.', '在每条路径上都返回一个值。'],
    example: 'return 0;'
  }),
  row('register-uninitialised', /R\d+ !read_ok/, {
    title: ['A variable is used before it has a value', '变量在赋值之前被使用'],
    why: [
      '{who} has no value on this path. After a call, R1 to R5 have none either.',
      '在这条路径上 {who} 没有值。每次调用之后，R1 到 R5 也不再有值。'
    ],
    write: ['Give the variable a value where it is declared.', '在声明处给变量赋值。'],
    example: 'int x = 0;'
  }),
  row('endless-loop', /infinite loop detected/, {
    title: ['The loop never ends', '循环不会结束'],
    why: [
      'The verifier came to the same place twice with the same state: nothing in the loop changes what decides about its end.',
      '验证器两次以完全相同的状态到达同一位置：循环中没有任何东西改变结束条件。'
    ],
    write: ['Count up to a constant, or use bpf_for or bpf_loop.', '计数到一个常量为止，或使用 bpf_for、bpf_loop。'],
    example: 'for (int i = 0; i < 10; i++)\n\t…'
  }),
  row('back-edge', /back-edge from insn/, {
    title: ['A loop is not allowed here', '这里不允许循环'],
    why: ['This kernel, or an unprivileged program, may not jump backwards.', '这个内核或非特权程序不允许向后跳转。'],
    write: [
      'Unroll the loop with #pragma unroll, or bound it by a constant on a newer kernel.',
      '用 #pragma unroll 展开循环，或在较新的内核上用常量限定次数。'
    ]
  }),
  row('too-large', /program is too large|too many states|sequence of \d+ jumps is too complex/, {
    title: ['Too much to verify', '需要验证的内容过多'],
    why: [
      'The verifier follows every turn of a loop and every way through the branches, and gives up after a million instructions (or 8192 open branches).',
      '验证器会跟踪循环的每一轮和每条分支路径，在一百万条指令（或 8192 个未完成分支）之后放弃。'
    ],
    write: [
      'Use bpf_loop, whose body is verified once; shorten loops; put parts into global functions, which are verified by themselves.',
      '使用 bpf_loop，其循环体只验证一次；缩短循环；把部分代码放入全局函数，它们会单独验证。'
    ],
    example: 'bpf_loop(1000, step, &context, 0);'
  }),
  row('stack-too-deep', /combined stack size|Too large.*stack|stack size.*exceeds|stack depth \d+ exceeds/, {
    title: ['Too much stack', '栈空间不足'],
    why: ['All frames of a chain of calls share 512 bytes of stack.', '一条调用链上的所有栈帧共享 512 字节。'],
    write: [
      'Move large variables into the value of a per-CPU array map with one element.',
      '把大的变量移到只有一个元素的每 CPU 数组映射的值中。'
    ],
    example: '__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);'
  }),
  row('call-depth', /the call stack of \d+ frames is too deep|recursive call/, {
    title: ['Calls are nested too deep', '调用嵌套过深'],
    why: ['Eight frames are allowed, and no recursion.', '最多允许八层栈帧，且不允许递归。'],
    write: ['Make it a loop.', '改写成循环。']
  }),
  row('unreachable', /unreachable insn/, {
    title: ['Code that can never run', '永远不会执行的代码'],
    why: [
      'This instruction is on no path from the beginning of the program; the kernel takes no dead code.',
      '从程序开头出发没有任何路径到达该指令，而内核不接受死代码。'
    ],
    write: [
      'Take it out. It mostly comes from inline assembly, or from code behind __builtin_unreachable().',
      '删除它。它通常来自内联汇编，或位于 __builtin_unreachable() 之后。'
    ]
  }),
  row('jump-range', /jump out of range|last insn is not an exit or jmp|invalid insn idx/, {
    title: ['A path runs out of the program', '有路径跑出了程序'],
    why: [
      'A jump, or the last instruction, leads behind the end of the function. A function without a return statement is one cause.',
      '某个跳转或最后一条指令通向函数末尾之外。缺少 return 语句是原因之一。'
    ],
    write: ['End every path with a return statement.', '让每条路径都以 return 结束。'],
    example: 'return 0;'
  }),
  row(
    'attach-target',
    /attach_btf_id|is not a kernel function|func .* doesn't have|Cannot find .* in vmlinux|not modifiable/,
    {
      title: ['The kernel has no such function to attach to', '内核中没有可以挂载的函数'],
      why: [
        'The function that the section names does not exist in this kernel, was inlined, or may not be traced.',
        'SEC 指定的函数在这个内核中不存在、已被内联，或不允许跟踪。'
      ],
      write: [
        'Look for the function in %btf or in /sys/kernel/tracing/available_filter_functions.',
        '在 %btf 或 /sys/kernel/tracing/available_filter_functions 中查找该函数。'
      ]
    }
  )
];
