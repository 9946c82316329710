import type { BtfOnDemand } from '../object/btf-on-demand.js';
import type { HeaderFacts } from './header-facts.js';

/** A map that a live run of the session has. */
export interface SessionMap {
  name: string;
  type: string;
  key: string;
  value: string;
  entries: string;
  run: string;
}

/** What the editor's answers rest on besides the text of the cell. Whatever is not known is null or empty. */
export interface LanguageFacts {
  kernel: BtfOnDemand | null;
  /** Release of that kernel, empty when it is not known. */
  kernelRelease: string;
  headers: HeaderFacts;
  /** `category:name`, of the target's kernel. */
  tracepoints: readonly string[];
  /** Headers of the session that the cell includes. */
  files: readonly { path: string; text: string }[];
  maps: readonly SessionMap[];
}

/** Facts for when nothing is known: answers come from the text alone. */
export const noFacts: LanguageFacts = {
  kernel: null,
  kernelRelease: '',
  headers: { helpers: new Map(), macros: new Map() },
  tracepoints: [],
  files: [],
  maps: []
};
