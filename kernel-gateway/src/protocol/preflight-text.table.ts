/**
 * What is said of where a lesson's program runs, in English and in Chinese, in the form of `gateway-text.table.ts`. Clauses that
 * may end in a guess have a row with it and one without.
 */
export const preflightTexts = `
runs => 可以运行
not known => 未知
runs on kernel %1; here not, because %2 => 可在内核 %1 上运行；此处不行：%2
cannot, because %1 => 无法运行：%1
Linux %1 cannot run it — %2 => Linux %1 无法运行它：%2
Linux %1 cannot run %2 — %3 => Linux %1 无法运行 %2：%3
SEC("%1") of "%2" => “%2”的 SEC("%1")
the call of "%1" => 对“%1”的调用
the operations "%1" => 操作表“%1”
map "%1" => 映射“%1”
it has no BTF => 它没有 BTF
it has no maps of type %1 => 它没有 %1 类型的映射
it has no maps of type %1, which "%2" is => 它没有 %1 类型的映射，而“%2”是这种类型
it has no programs of type %1 => 它没有 %1 类型的程序
it has no programs of type %1, which "%2" is => 它没有 %1 类型的程序，而“%2”是这种类型
it has no attach type %1 => 它没有挂载类型 %1
it was built without %1 => 它编译时未启用 %1
it was built without %1, which %2 needs => 它编译时未启用 %1，而 %2 需要它
"bpf" is not among its active security modules (%1) => 它启用的安全模块中没有“bpf”（%1）
it has no tracepoints of the category "%1" => 它没有“%1”类别的跟踪点
it has no tracepoints of the category "%1"; is it "%2" => 它没有“%1”类别的跟踪点；是否指“%2”
it has no tracepoint "%1" => 它没有跟踪点“%1”
it has no tracepoint "%1"; is it "%2" => 它没有跟踪点“%1”；是否指“%2”
it has no tracepoint "%1" among the %2 of "%3" => “%3”的 %2 个跟踪点中没有“%1”
it has no tracepoint "%1" among the %2 of "%3"; is it "%4" => “%3”的 %2 个跟踪点中没有“%1”；是否指“%4”
it has no function "%1" => 它没有函数“%1”
it has no function "%1"; is it "%2" => 它没有函数“%1”；是否指“%2”
it has no LSM hook "%1" => 它没有 LSM 钩子“%1”
it has no LSM hook "%1"; is it "%2" => 它没有 LSM 钩子“%1”；是否指“%2”
it has no system call "%1" => 它没有系统调用“%1”
it has no system call "%1"; is it "%2" => 它没有系统调用“%1”；是否指“%2”
it has no function that programs may call "%1" => 它没有可供程序调用的函数“%1”
it has no function that programs may call "%1"; is it "%2" => 它没有可供程序调用的函数“%1”；是否指“%2”
it has no operations "%1" => 它没有操作表“%1”
it has no operations "%1"; is it "%2" => 它没有操作表“%1”；是否指“%2”
it has no type "%1" => 它没有类型“%1”
its "%1" has no %2 => 它的“%1”没有 %2
its "%1" has no field "%2" => 它的“%1”没有字段“%2”
its "%1" has no field "%2"; is it "%3" => 它的“%1”没有字段“%2”；是否指“%3”
it has no helper %1, which came with Linux %2 => 它没有辅助函数 %1，该函数从 Linux %2 开始才有
its lockdown (%1) takes %2 away => 它的锁定模式（%1）不允许 %2
its programs of type %1 may not call %2 => 它的 %1 类型程序不能调用 %2
its programs of type %1 may not call %2; on Linux %3 they may => 它的 %1 类型程序不能调用 %2；Linux %3 上可以
its programs of type %1 may not call %2; those of type %3 may => 它的 %1 类型程序不能调用 %2；%3 类型的程序可以
the lesson needs Linux %1 => 课程需要 Linux %1
no target has %1 => 没有任何目标具备 %1
it needs %1, which npx bpflab image add %2 adds => 它需要 %1，可用 npx bpflab image add %2 添加
the compiler refuses it => 编译器拒绝了它
`;
