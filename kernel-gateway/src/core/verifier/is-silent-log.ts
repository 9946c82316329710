/**
 * True for the log of a program that was refused before its first instruction, such as for an attach type that the kernel does not
 * know: it only says how much was done (kernel/bpf/verifier.c, print_verification_stats).
 */
export const isSilentLog = (log: string): boolean => /^processed 0 insns[^\n]*\n*$/.test(log);
