/** Refusals about memory: pointers, bounds, what may be read and written. Reasons as kernel/bpf/verifier.c of 6.1 to 7.3 writes them. */
import { explanationRow as row } from './explanation-row.js';

/** In order: the first row that fits counts. */
export const memoryExplanations = [
  row('map-value-null', /invalid mem access 'map_value_or_null'/, {
    title: ['A map value is used without a NULL check', '使用映射值前没有检查 NULL'],
    why: [
      '{who} is {what}. A lookup gives NULL when the map has no such key, and on this path nothing has ruled that out.',
      '{who} 是{what}。当映射中没有这个键时，查找会返回 NULL，而在这条路径上没有任何代码排除这种情况。'
    ],
    write: [
      'Check the pointer before the first use, and leave when it is NULL. This also holds for array maps, whose elements always exist.',
      '在首次使用之前检查该指针，为 NULL 时直接返回。数组映射的元素虽然总是存在，也同样需要检查。'
    ],
    example: 'if (!{who})\n\treturn 0;'
  }),
  row('ring-record-null', /invalid mem access '(?:ringbuf|alloc)_mem_or_null'/, {
    title: ['A ring-buffer record is used without a NULL check', '使用环形缓冲区记录前没有检查 NULL'],
    why: [
      '{who} is {what}. bpf_ringbuf_reserve gives NULL when the ring is full, which can happen at any time.',
      '{who} 是{what}。环形缓冲区满时 bpf_ringbuf_reserve 返回 NULL，而缓冲区随时可能写满。'
    ],
    write: ['Check the record right after the reserve call.', '在预留调用之后立即检查记录指针。'],
    example: 'if (!{who})\n\treturn 0;'
  }),
  row('argument-null', /R\d invalid mem access 'mem_or_null'/, {
    title: ['A pointer argument of a global function may be NULL', '全局函数的指针参数可能为 NULL'],
    why: [
      'A global function is verified by itself, for every caller: {who} is {what}, whatever your own callers pass.',
      '全局函数会脱离调用者单独验证：不管你的调用者传入什么，{who} 都是{what}。'
    ],
    write: [
      'Check the argument inside of the function, or make the function static: then it is verified with its callers.',
      '在函数内部检查该参数；或者把函数声明为 static，这样它会随调用者一起验证。'
    ],
    example: 'if (!{who})\n\treturn 0;'
  }),
  row('arithmetic-before-check', /pointer arithmetic on \w+_or_null prohibited/, {
    title: ['Pointer arithmetic before the NULL check', '在检查 NULL 之前进行了指针运算'],
    why: [
      '{who} is {what}. NULL plus an offset is no longer NULL, so a later check could not see it any more.',
      '{who} 是{what}。NULL 加上偏移后不再是 NULL，之后的检查也就无法发现它。'
    ],
    write: ['Check for NULL first, then add the offset.', '先检查 NULL，再加偏移。'],
    example: 'if (!{who})\n\treturn 0;\n{who} += …;'
  }),
  row('pointer-null', /invalid mem access '\w*_or_null_?'/, {
    title: ['A pointer is used without a NULL check', '使用指针前没有检查 NULL'],
    why: [
      '{who} is {what}; on this path nothing has ruled NULL out.',
      '{who} 是{what}；在这条路径上没有任何代码排除 NULL。'
    ],
    write: ['Check the pointer before you use it.', '使用之前先检查该指针。'],
    example: 'if (!{who})\n\treturn 0;'
  }),
  row('use-after-release', /invalid mem access '(?:scalar|inv)'/, {
    had: /^(?:ringbuf|alloc)_mem|^ptr_|^trusted_ptr_/,
    title: ['Used after it was given away', '交出之后仍在使用'],
    why: [
      '{who} was {had} until {gone}. That call gave it away: the memory may already belong to somebody else.',
      '在调用 {gone} 之前，{who} 是{had}。该调用已将它交出，这块内存可能已经归别人所有。'
    ],
    write: [
      'Read what you still need into a variable before the call that gives the record away, or move that call to the end.',
      '在交出记录的调用之前，把还需要的内容读入变量；或者把该调用移到最后。'
    ],
    example: 'int pid = {who}->pid;\n\nbpf_ringbuf_submit({who}, 0);\nreturn pid;'
  }),
  row('stale-packet-pointer', /invalid mem access '(?:scalar|inv)'/, {
    had: /^pkt/,
    title: ['Packet pointers are stale after the packet was changed', '数据包被修改后，旧的包指针已失效'],
    why: [
      '{who} was {had}. {gone} may move the packet in memory, so that all pointers into it, and all comparisons with its end, are void.',
      '{who} 原是{had}。{gone} 可能会移动数据包所在的内存，因此指向包内的所有指针以及与包尾的比较全部作废。'
    ],
    write: [
      'Read data and data_end from the context again behind that call, and compare again.',
      '在该调用之后重新从上下文读取 data 和 data_end，并重新比较。'
    ],
    example: 'data = (void *)(long)ctx->data;\nend = (void *)(long)ctx->data_end;'
  }),
  row('raw-pointer', /invalid mem access '(?:scalar|inv)'/, {
    title: ['A number is used as a pointer', '把数值当作指针使用'],
    why: [
      'To the verifier {who} is {what}, not a pointer that it knows: it cannot prove that memory is there. Addresses that helpers return as numbers, and pointers read out of kernel structs, are of this kind.',
      '在验证器看来，{who} 是{what}，而不是它认识的指针，因此无法证明那里有内存。辅助函数以数值返回的地址、从内核结构体里读出的指针都属于这种情况。'
    ],
    write: [
      'Read through it with BPF_CORE_READ or bpf_probe_read_kernel (bpf_probe_read_user for addresses of a process). For the current task, bpf_get_current_task_btf() gives a pointer that may be read as plain C.',
      '用 BPF_CORE_READ 或 bpf_probe_read_kernel 读取（进程的地址用 bpf_probe_read_user）。对当前任务，bpf_get_current_task_btf() 返回的指针可以像普通 C 一样读取。'
    ],
    example: 'BPF_CORE_READ({who}, member)'
  }),
  row('wrong-pointer', /R\d+ invalid mem access '(?<kindof>\w+)'/, {
    title: ['Memory of this kind cannot be read this way', '这类内存不能这样读取'],
    why: [
      '{who} is {what} (the verifier calls it {kindof}); loads and stores through it are not allowed.',
      '{who} 是{what}（验证器称之为 {kindof}），不允许通过它读写内存。'
    ],
    write: ['Use the helper that belongs to this kind of object.', '请使用与这类对象对应的辅助函数。']
  }),
  row('packet-bounds', /invalid access to packet|offset is outside of the packet/, {
    title: ['Packet bytes are read without a comparison with data_end', '读取数据包前没有与 data_end 比较'],
    why: [
      '{who} is {what}. A packet may be shorter than you think: every byte that is read must have been compared with the end of the packet on this path.',
      '{who} 是{what}。数据包可能比你想象的短：在这条路径上，读取的每个字节都必须先与包尾比较过。'
    ],
    write: [
      'Compare the end of what you read with data_end, and leave when it is behind it. After adding a variable offset, compare again.',
      '把要读取内容的末尾与 data_end 比较，超出时返回。加上可变偏移之后需要重新比较。'
    ],
    example: 'if ((void *)({who} + 1) > data_end)\n\treturn XDP_PASS;'
  }),
  row('memory-bounds', /invalid access to memory, mem_size=(?<size>\d+) off=(?<off>-?\d+) size=(?<width>\d+)/, {
    title: ['Outside of the memory that was reserved', '访问超出了已预留的内存'],
    why: [
      'The memory has {size} bytes; this would touch {width} bytes at offset {off}. A frequent cause is sizeof(pointer) where sizeof(*pointer) was meant.',
      '这块内存有 {size} 字节，而这里要访问偏移 {off} 处的 {width} 字节。常见原因是把 sizeof(*指针) 写成了 sizeof(指针)。'
    ],
    write: ['Reserve the size of the whole struct.', '按整个结构体的大小预留。'],
    example: 'bpf_ringbuf_reserve(&ring, sizeof(*{who}), 0)'
  }),
  row(
    'map-value-bounds',
    /invalid access to map value, value_size=(?<size>\d+) off=(?<off>-?\d+) size=(?<width>\d+)|outside of the allowed memory range/,
    {
      title: ['Outside of the map value', '访问超出了映射值的范围'],
      why: [
        'The value of map "{map}" has {size} bytes, and this access may touch {width} bytes at offset {off}. {who} is {what}.',
        '映射 "{map}" 的值有 {size} 字节，而这次访问可能涉及偏移 {off} 处的 {width} 字节。{who} 是{what}。'
      ],
      write: [
        'Keep the index below the number of elements: compare it, or mask it with "& (N - 1)" when N is a power of two.',
        '让下标小于元素个数：比较它；当 N 是 2 的幂时也可以用 "& (N - 1)" 截断。'
      ],
      example: 'if (index >= N)\n\treturn 0;'
    }
  ),
  row(
    'unbounded-offset',
    /math between (?<base>\w+) pointer and register with unbounded (?:min|max) value|unbounded (?:min|max) value is not allowed|makes \w+ pointer be out of bounds/,
    {
      title: ['An index without limits is added to a pointer', '给指针加上了没有上下限的下标'],
      why: [
        '{who} is {what}: it may be negative or huge, and the sum could point anywhere.',
        '{who} 是{what}：它可能为负，也可能非常大，相加之后可能指向任何地方。'
      ],
      write: [
        'Compare with both ends before the access, or use an unsigned type and one comparison.',
        '在访问之前同时比较上下限；或者改用无符号类型，只比较一次。'
      ],
      example: 'if (index < 0 || index >= N)\n\treturn 0;'
    }
  ),
  row(
    'stack-uninitialised',
    /invalid (?:indirect )?read from stack|invalid read from stack .* off|R\d+ indirect.*stack/,
    {
      title: ['Stack memory is read before it was written', '读取了尚未写入的栈内存'],
      why: [
        'The helper or load reads {who}, and some of these bytes have never been written on this path. Padding in a struct counts too.',
        '辅助函数或读取指令会读 {who}，而在这条路径上其中一些字节从未写入。结构体中的填充字节也算在内。'
      ],
      write: ['Initialise the variable where it is declared.', '在声明处初始化该变量。'],
      example: 'struct key key = {};'
    }
  ),
  row('stack-bounds', /(?:invalid|write to stack|read from stack|variable-offset).*stack|stack.*out of range/, {
    title: ['Outside of the array on the stack', '访问超出了栈上的数组'],
    why: [
      'The place in the stack depends on a number that may lead out of the variable. {who} is {what}.',
      '访问的栈位置取决于一个可能越出该变量的数值。{who} 是{what}。'
    ],
    write: [
      'Keep the index below the size of the array: compare it, or mask it. A frame of the stack has 512 bytes.',
      '让下标小于数组大小：比较它，或者用掩码截断。整个栈只有 512 字节。'
    ],
    example: 'buffer[index & (sizeof(buffer) - 1)]'
  }),
  row(
    'read-only',
    /write into map forbidden|cannot write into rdonly|write to change key|only read from \w+ is supported/,
    {
      title: ['This memory is read-only', '这块内存是只读的'],
      why: [
        '{who} is {what}, and programs may not write there. Constant globals live in a read-only map.',
        '{who} 是{what}，程序不能写入。常量全局变量位于只读映射中。'
      ],
      write: [
        'Drop "const" from the global, or write to a copy of your own.',
        '去掉全局变量的 const，或者写入你自己的副本。'
      ],
      example: 'volatile int limit = 5;'
    }
  ),
  row('kernel-object-write', /only read is supported/, {
    title: ['Kernel objects cannot be written', '不能写入内核对象'],
    why: [
      '{who} is {what}: programs may read the members of kernel structs, but not change them.',
      '{who} 是{what}：程序可以读取内核结构体的成员，但不能修改。'
    ],
    write: [
      'Keep your own data in a map. Where the kernel wants a change from you, it has a helper or kfunc for it.',
      '把自己的数据保存在映射中。内核允许修改的地方会提供相应的辅助函数或 kfunc。'
    ]
  }),
  row('beyond-struct', /access beyond (?<struct>(?:struct|union) \w+) at off (?<off>\d+)/, {
    title: ['Behind the end of a kernel struct', '访问超出了内核结构体的末尾'],
    why: [
      'Offset {off} is behind the end of {struct} in this kernel.',
      '在这个内核中，偏移 {off} 已超出 {struct} 的末尾。'
    ],
    write: [
      'Access a member by its name; with vmlinux.h and CO-RE its offset fits every kernel.',
      '按名字访问成员；配合 vmlinux.h 和 CO-RE，偏移会适配每个内核。'
    ],
    example: '{who}->member'
  }),
  row(
    'context-moved',
    /dereference of modified (?:ctx|alloc_mem|\w+) ptr (?<moved>R\d+) off=(?<off>-?\d+) disallowed/,
    {
      title: ['An offset was added to a pointer that must stay as it is', '给必须保持原样的指针加了偏移'],
      why: [
        '{who} must be the pointer that you were given, but {off} was added to it.',
        '{who} 必须是你得到的原始指针，却被加上了 {off}。'
      ],
      write: [
        'Pass the context (or record) itself; read a member of the context by its name, through the struct that belongs to the section.',
        '直接传递上下文（或记录）本身；读取上下文成员时，使用与该 SEC 对应的结构体并按名字访问。'
      ],
      example: 'struct trace_event_raw_sched_process_exec *ctx'
    }
  ),
  row('context-access', /invalid bpf_context access off=(?<off>\d+) size=(?<width>\d+)/, {
    title: ['The context has no such field here', '这里的上下文没有这个字段'],
    why: [
      'Programs of this type may not touch {width} bytes at offset {off} of their context. Which fields are open depends on the program type.',
      '这种类型的程序不能访问上下文偏移 {off} 处的 {width} 字节。哪些字段可用取决于程序类型。'
    ],
    write: [
      'Use the struct that belongs to the section, or a helper such as bpf_skb_load_bytes.',
      '使用与该 SEC 对应的结构体，或使用 bpf_skb_load_bytes 之类的辅助函数。'
    ],
    example: 'bpf_skb_load_bytes(skb, offset, &value, sizeof(value));'
  }),
  row('misaligned', /misaligned (?<where>\w+) access/, {
    title: ['The address is not aligned', '地址没有对齐'],
    why: [
      'This access needs an address that is a multiple of its size; packed structs and odd offsets break that. Atomic operations always need it.',
      '这次访问要求地址是其大小的整数倍，packed 结构体和奇数偏移会破坏这一点。原子操作总是要求对齐。'
    ],
    write: [
      'Take "packed" away or reorder the members, so that the compiler aligns them.',
      '去掉 packed，或调整成员顺序，让编译器自行对齐。'
    ],
    example: 'struct counter {\n\tunsigned long long total;\n\tchar kind;\n};'
  }),
  row('pointer-arithmetic', /pointer arithmetic (?:on|with)|R\d+ pointer .* prohibited|math between .* pointer/, {
    title: ['Arithmetic on this pointer is not allowed', '不允许对这种指针做运算'],
    why: [
      '{who} is {what}; only adding and subtracting bounded numbers is allowed, and for some kinds of pointers not even that.',
      '{who} 是{what}；只允许加减有界的数值，某些指针甚至连这也不允许。'
    ],
    write: ['Use the pointer as it is, or with a constant offset.', '按原样使用该指针，或只加常量偏移。']
  })
];
