import type { CheckedItem } from '../../protocol/index.js';
import type { Build, CompileRequest } from '../cells/build.js';
import type { CancelSignal } from '../session/cancel-signal.js';
import type { LanguageFacts } from './language-facts.js';

/** A place in a header; line and column are 1-based. */
export interface HeaderPlace {
  header: string;
  line: number;
  column: number;
}

/** What an editor needs of the compiler's image; implemented by adapters/toolchain. */
export interface EditorTools {
  /** Helpers and macros of the image's headers, and the types of a kernel; absent or unknown release: the default kernel's. */
  facts(kernel: string | undefined): Promise<Pick<LanguageFacts, 'kernel' | 'kernelRelease' | 'headers'>>;
  /** Files of the session that a text includes. */
  includedFiles(body: string, sessionFolder: string): Promise<{ path: string; text: string }[]>;
  /**
   * Only looks at a text, in a sandbox of its own: a compile that runs meanwhile does not wait. `skeletons` null: a BPF
   * program; else a user program that may include these.
   *
   * @throws LabError BPFLAB_CC_LIMIT, BPFLAB_CC_SANDBOX, BPFLAB_CELL_INTERRUPTED, BPFLAB_CELL_TOO_LARGE, BPFLAB_DISK_FULL
   */
  check(request: CompileRequest, skeletons: readonly Build[] | null, signal: CancelSignal): Promise<CheckedItem[]>;
  /**
   * A text as clang-format writes it.
   *
   * @throws LabError BPFLAB_FORMAT_FAILED, and as `check`
   */
  format(text: string, style: string, sessionFolder: string): Promise<string>;
  /** Text of a header by its path behind `#include`; null when the image has none. */
  readHeader(name: string, kernel: string | undefined): Promise<string | null>;
  /** Place of a type, value or function of the kernel in vmlinux.h, or of a member of a type; null when it has none. */
  findInVmlinux(name: string, member: string, kernel: string | undefined): Promise<HeaderPlace | null>;
}
