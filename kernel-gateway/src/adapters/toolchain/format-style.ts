const styles: Readonly<Record<string, string>> = {
  /** As the labs are written. */
  lab: '{BasedOnStyle: LLVM, IndentWidth: 4, ColumnLimit: 100, BreakBeforeBraces: Linux, AllowShortFunctionsOnASingleLine: None, SortIncludes: Never, AlignConsecutiveMacros: Consecutive}',
  /** Documentation/process/coding-style.rst, as the kernel's own .clang-format has it where it matters for a cell. */
  kernel:
    '{BasedOnStyle: LLVM, IndentWidth: 8, TabWidth: 8, UseTab: Always, ContinuationIndentWidth: 8, ColumnLimit: 80, BreakBeforeBraces: Linux, AllowShortFunctionsOnASingleLine: None, AllowShortIfStatementsOnASingleLine: false, IndentCaseLabels: false, SortIncludes: Never, AlignConsecutiveMacros: Consecutive}',
  llvm: 'LLVM'
};

/** clang-format's `--style` for a style of ours; a name that is none of them is the labs' style. */
export function formatStyle(name: string): string {
  return (Object.hasOwn(styles, name) ? styles[name] : undefined) ?? styles['lab'] ?? 'LLVM';
}
