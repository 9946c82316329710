/** Refusals about calls, arguments and what has to be given back. Reasons as kernel/bpf/verifier.c of 6.1 to 7.3 writes them. */
import { explanationRow as row } from './explanation-row.js';

/** In order: the first row that fits counts. */
export const callExplanations = [
  row('iterator-leak', /Unreleased reference id=(?<id>\d+)/, {
    had: /^iter/,
    title: ['An iterator is not destroyed on this path', '这条路径上没有销毁迭代器'],
    why: [
      'The iterator that was begun with {got} is still open when the program ends here.',
      '程序在此结束时，由 {got} 开始的迭代器仍然打开。'
    ],
    write: [
      'Call the destroy function before every return, or use bpf_for, which does it for you.',
      '在每个 return 之前调用销毁函数；或使用 bpf_for，它会替你完成。'
    ],
    example: 'bpf_iter_num_destroy(&it);'
  }),
  row('unreleased-reference', /Unreleased reference id=(?<id>\d+)|would lead to reference leak/, {
    title: ['Something that was acquired is not given back', '获取的对象没有归还'],
    why: [
      'What {got} gave is still held when the program ends on this path. It would be lost for good.',
      '程序在这条路径上结束时，仍持有 {got} 得到的对象，它将永远无法归还。'
    ],
    write: [
      'Submit, discard or release it before every return, also on the paths that give up early.',
      '在每个 return 之前提交、丢弃或释放它，提前退出的路径也不例外。'
    ],
    example: 'bpf_ringbuf_discard({obj}, 0);\nreturn 0;'
  }),
  row('lock-held', /bpf_spin_unlock is missing|inside bpf_spin_lock-ed region|lock is held/, {
    title: ['The lock is still held', '锁仍被持有'],
    why: [
      'The program ends on this path without bpf_spin_unlock; every other CPU would wait for ever.',
      '程序在这条路径上结束时没有调用 bpf_spin_unlock，其他 CPU 将永远等待。'
    ],
    write: ['Unlock before every return.', '在每个 return 之前解锁。'],
    example: 'bpf_spin_unlock(&value->lock);'
  }),
  row('call-under-lock', /function calls are not allowed while holding a lock|calls are not allowed.*lock/, {
    title: ['A call while a lock is held', '持锁期间调用了函数'],
    why: [
      'Between bpf_spin_lock and bpf_spin_unlock no function may be called, {helper} included.',
      '在 bpf_spin_lock 与 bpf_spin_unlock 之间不能调用任何函数，包括 {helper}。'
    ],
    write: [
      'Make the call before you take the lock, and keep its result in a variable.',
      '在加锁之前完成调用，把结果保存在变量中。'
    ],
    example: 'u64 now = {helper}();\n\nbpf_spin_lock(&value->lock);'
  }),
  row(
    'lock-in-tracing',
    /tracing progs cannot use (?<feature>bpf_spin_lock) yet|socket filter progs cannot use (?<feature2>bpf_spin_lock)/,
    {
      title: ['Locks are not for tracing programs', '跟踪类程序不能使用锁'],
      why: [
        'A tracing program may interrupt the holder of the lock on the same CPU; so its maps may not have {feature} in their values.',
        '跟踪类程序可能在同一个 CPU 上打断锁的持有者，因此它所用映射的值里不能有 {feature}。'
      ],
      write: [
        'Use an atomic addition, or a per-CPU map, which needs no lock.',
        '改用原子加法；或使用每 CPU 映射，它不需要锁。'
      ],
      example: '__sync_fetch_and_add(&value->count, 1);'
    }
  ),
  row('rcu-unlock', /bpf_rcu_read_unlock is missing|inside bpf_rcu_read_lock-ed region/, {
    title: ['The RCU section does not end', 'RCU 区间没有结束'],
    why: [
      'The program ends on this path inside of bpf_rcu_read_lock.',
      '程序在这条路径上结束时，仍处在 bpf_rcu_read_lock 区间内。'
    ],
    write: ['Call bpf_rcu_read_unlock before every return.', '在每个 return 之前调用 bpf_rcu_read_unlock。'],
    example: 'bpf_rcu_read_unlock();\nreturn 0;'
  }),
  row(
    'sleepable-only',
    /might sleep in a non-sleepable prog|sleepable .* in non-sleepable|kernel func \S+ is sleepable/,
    {
      title: ['A function that may sleep, in a program that must not', '在不可睡眠的程序中调用可能睡眠的函数'],
      why: [
        '{helper} may wait for memory to be paged in. This program runs where the kernel cannot wait.',
        '{helper} 可能要等待内存换入，而这个程序运行在内核不能等待的地方。'
      ],
      write: [
        'Use the form that does not sleep, such as bpf_probe_read_user; or a sleepable section, such as "fentry.s/" or "lsm.s/".',
        '改用不睡眠的函数，例如 bpf_probe_read_user；或使用可睡眠的 SEC，例如 "fentry.s/"、"lsm.s/"。'
      ],
      example: 'bpf_probe_read_user(buf, sizeof(buf), address);'
    }
  ),
  row('gpl-only', /cannot call GPL-restricted function/, {
    title: ['For GPL programs only', '只允许 GPL 程序使用'],
    why: [
      '{helper} may only be called by a program whose license is compatible with the GPL.',
      '只有许可证与 GPL 兼容的程序才能调用 {helper}。'
    ],
    write: ['Say so in the object, when you may.', '如果你的代码允许，请在目标文件中声明许可证。'],
    example: 'char LICENSE[] SEC("license") = "GPL";'
  }),
  row(
    'helper-not-allowed',
    /program of this type cannot use helper (?<name>\w+)|unknown func (?<name2>\w+)#(?!195896080)\d+|helper call is not allowed/,
    {
      title: ['This program type does not have that helper', '这种程序类型没有这个辅助函数'],
      why: [
        '{helper} is not offered to programs of this section type, or not by this kernel.',
        '{helper} 不提供给这种 SEC 类型的程序，或这个内核没有提供。'
      ],
      write: [
        'Use another helper, or move the work to a section type that has it.',
        '换用其他辅助函数，或把这部分工作移到支持它的 SEC 类型中。'
      ]
    }
  ),
  row(
    'kfunc-not-allowed',
    /calling kernel function (?<name>\S+) is not allowed|invalid kfunc call|metadata kfuncs require device-bound program/,
    {
      title: ['This program type may not call that kernel function', '这种程序类型不能调用这个内核函数'],
      why: [
        'Every kfunc is registered for certain program types; {helper} is not for this one.',
        '每个 kfunc 只注册给特定的程序类型，{helper} 不属于当前类型。'
      ],
      write: ['Use a section type that the kfunc is registered for.', '使用注册了该 kfunc 的 SEC 类型。']
    }
  ),
  row('kfunc-missing', /kfunc '?(?<name>\S+?)'? is referenced but wasn't resolved/, {
    title: ['This kernel does not have that function', '这个内核没有这个函数'],
    why: ['{name} is not among the kernel functions of this kernel.', '{name} 不在这个内核的内核函数之中。'],
    write: [
      'Declare it __weak and ask before the call whether it is there, or take a newer kernel.',
      '声明为 __weak 并在调用前判断是否存在，或换用更新的内核。'
    ],
    example: 'if (!{name})\n\treturn 0;'
  }),
  row('core-missing', /failed to resolve CO-RE relocation|invalid CO-RE relocation|invalid func unknown#195896080/, {
    title: ['This kernel does not have the field or type', '这个内核没有该字段或类型'],
    why: [
      'A CO-RE relocation found no match in the types of the running kernel, and the instruction was poisoned: it may be there, but may not be reached.',
      'CO-RE 重定位在当前内核的类型中找不到匹配，该指令被标记为非法：它可以存在，但不能被执行到。'
    ],
    write: [
      'Ask whether it exists before you read it; %btf shows the type as this kernel has it.',
      '读取之前先判断它是否存在；%btf 可以显示该类型在这个内核中的样子。'
    ],
    example: 'if (bpf_core_field_exists(p->member))\n\tvalue = BPF_CORE_READ(p, member);'
  }),
  row(
    'kfunc-argument',
    /must be (?:referenced or trusted|a rcu pointer|referenced)|expects refcounted|arg#\d+ (?:pointer type|is neither|expected pointer|doesn't point)/,
    {
      title: ['The kernel function wants a trusted pointer', '内核函数要求可信指针'],
      why: [
        '{who} is {what}. Only a pointer that the kernel gave you directly, or that you acquired, is known to stay alive during the call.',
        '{who} 是{what}。只有内核直接给你的指针，或你自己获取了引用的指针，才能保证在调用期间有效。'
      ],
      write: [
        'Pass the argument that the hook gave you, or acquire a reference (under bpf_rcu_read_lock) and check it for NULL.',
        '传递挂载点给你的参数；或者（在 bpf_rcu_read_lock 之内）先获取引用并检查 NULL。'
      ]
    }
  ),
  row(
    'dynptr-uninitialised',
    /Expected an (?:initialized|uninitialized) (?:dynptr|iter\w*)|expected an (?:un)?initialized (?<iter>iter_\w+|irq_\w+)/,
    {
      title: ['A dynptr or iterator that was not initialised', 'dynptr 或迭代器没有初始化'],
      why: [
        '{arg} of {helper} must be an object that another call has set up, and on this path none has.',
        '{helper} 的参数 {arg} 必须是由其他调用建立的对象，而在这条路径上没有。'
      ],
      write: [
        'Set it up first: bpf_ringbuf_reserve_dynptr, bpf_dynptr_from_mem, bpf_iter_num_new.',
        '先建立它：bpf_ringbuf_reserve_dynptr、bpf_dynptr_from_mem、bpf_iter_num_new。'
      ],
      example: 'bpf_ringbuf_reserve_dynptr(&ring, size, 0, &ptr);'
    }
  ),
  row(
    'release-offset',
    /must have zero offset when passed to release func|release .* offset|dereference of modified (?:alloc|ringbuf)_mem ptr/,
    {
      title: ['Give back the pointer that you were given', '归还时必须使用原始指针'],
      why: ['{who} points into the record, not to its beginning.', '{who} 指向记录内部，而不是记录开头。'],
      write: ['Pass the pointer that the reserve call returned.', '传递预留调用返回的那个指针。'],
      example: 'bpf_ringbuf_submit({obj}, 0);'
    }
  ),
  row('const-string', /R\d+ (?:does not point to a readonly map|is not a const string|doesn't point to a const)/, {
    title: ['The string must be a constant', '字符串必须是常量'],
    why: [
      '{helper} wants {arg} in read-only memory, so that it cannot change while the program runs.',
      '{helper} 要求 {arg} 位于只读内存中，这样它在程序运行期间不会改变。'
    ],
    write: ['Make it a const global.', '把它声明为 const 全局变量。'],
    example: 'const char wanted[16] = "bash";'
  }),
  row('wrong-map-type', /cannot pass map_type (?<type>\d+) into func (?<name>\w+)/, {
    title: ['The map is of the wrong type for this helper', '映射类型与辅助函数不匹配'],
    why: ['{name} does not work on maps of this type.', '{name} 不能用于这种类型的映射。'],
    write: [
      'Pass a map of the type that the helper is for: a ring buffer for bpf_ringbuf_…, a perf event array for bpf_perf_event_output.',
      '传递该辅助函数对应类型的映射：bpf_ringbuf_… 用环形缓冲区，bpf_perf_event_output 用 perf 事件数组。'
    ],
    example: '__uint(type, BPF_MAP_TYPE_RINGBUF);'
  }),
  row('size-negative', /R\d+ min value is negative/, {
    title: ['The size may be negative', '大小可能为负'],
    why: [
      '{who} is {what}. As {arg} of {helper} it must not be negative.',
      '{who} 是{what}。它作为 {helper} 的参数 {arg} 不能为负。'
    ],
    write: ['Use an unsigned type, or check for less than 0 as well.', '使用无符号类型，或同时检查是否小于 0。'],
    example: 'if ({who} < 0 || {who} > sizeof(buf))\n\treturn 0;'
  }),
  row('size-unbounded', /R\d+ unbounded memory access|invalid zero-sized read|R\d+ invalid zero-sized/, {
    title: ['The size has no limit', '大小没有上限'],
    why: [
      '{who} is {what}. As {arg} of {helper} it must be proved to fit into the buffer (and, for some helpers, not to be 0).',
      '{who} 是{what}。它作为 {helper} 的参数 {arg}，必须证明不会超出缓冲区（某些辅助函数还要求不为 0）。'
    ],
    write: [
      'Give sizeof(…), or compare with it right before the call; compare the same variable in the same width (unsigned long is safest).',
      '直接给出 sizeof(…)，或在调用之前与它比较；比较时使用同一个变量、同样的宽度（unsigned long 最稳妥）。'
    ],
    example: 'if ({who} > sizeof(buf))\n\t{who} = sizeof(buf);'
  }),
  row('wrong-argument', /R\d+ type=(?<got_type>\S+) expected=(?<expected>.*)/, {
    title: ['The argument is of the wrong kind', '参数的种类不对'],
    why: [
      '{arg} of {helper} is {what} here, but the function wants: {expected}.',
      '{helper} 的参数 {arg} 在这里是{what}，而函数要求：{expected}。'
    ],
    write: [
      'Pass the address of a variable of your own or of a map value, for example "&key" instead of "key".',
      '传递自己的变量或映射值的地址，例如用 "&key" 而不是 "key"。'
    ],
    example: 'int key = …;\n\n{helper}(&map, &key);'
  }),
  row('global-argument', /Caller passes invalid args|arg#\d+ /, {
    title: ['The arguments do not fit the function', '参数与函数不匹配'],
    why: [
      'A global function is checked against the types of its parameters, not against its callers.',
      '全局函数按其形参类型检查，而不是按调用者检查。'
    ],
    write: [
      'Pass what the type says; make the function static when it shall be checked with its callers.',
      '按形参类型传递；若希望随调用者一起检查，请声明为 static。'
    ]
  }),
  row('callback-return', /At callback return the register R0/, {
    title: ['The callback returns something that is not allowed', '回调函数的返回值不被允许'],
    why: [
      'A callback of {caller} answers 0 to go on or 1 to stop. R0 is {what} here.',
      '{caller} 的回调返回 0 表示继续，返回 1 表示停止，而这里的 R0 是{what}。'
    ],
    write: ['Return 0 or 1.', '返回 0 或 1。'],
    example: 'return sum > limit;'
  }),
  row(
    'return-range',
    /At program exit the register R0|R0 (?:has value|is not a known value)|At (?:async callback|subprogram exit).*R0/,
    {
      title: ['The program may return a value that is not allowed', '程序可能返回不允许的值'],
      why: [
        'R0, the value that is returned, is {what}. For this section type the kernel takes only certain values.',
        '返回值 R0 是{what}。对于这种 SEC 类型，内核只接受特定的值。'
      ],
      write: [
        'Return one of the allowed values on every path: 0 or 1 for cgroup programs, 0 or a negative error number for LSM programs.',
        '在每条路径上都返回允许的值：cgroup 程序为 0 或 1，LSM 程序为 0 或负的错误码。'
      ],
      example: 'return allowed ? 1 : 0;'
    }
  ),
  row('leak', /leaks? addr(?:ess)? /, {
    title: ['A kernel address would be given to user space', '内核地址会泄露给用户空间'],
    why: [
      '{who} is {what}, which an unprivileged program may not store where user space can read it.',
      '{who} 是{what}，非特权程序不能把它存到用户空间可读的地方。'
    ],
    write: ['Store the number that you need, not the pointer.', '保存你需要的数值，而不是指针。']
  })
];
