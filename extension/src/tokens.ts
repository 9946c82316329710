import { Token } from '@lumino/coreutils';
import type { IEditorServices as EditorServices } from './editor/editor-services.js';
import type { IOutputServices as OutputServices } from './output-services.js';
import type { LabSessions } from './session/lab-sessions.js';

/** The sessions of open notebooks: target, runs, commands. */
export const ILabSessions = new Token<LabSessions>(
  '@bpflab/extension:ILabSessions',
  'Sessions of open notebooks: the target, its runs, and commands to them.'
);
/** Type of the service behind the token of the same name. */
export type ILabSessions = LabSessions;

/** Settings and language for outputs. */
export const IOutputServices = new Token<OutputServices>(
  '@bpflab/extension:IOutputServices',
  'Settings and language for outputs.'
);
/** Type of the service behind the token of the same name. */
export type IOutputServices = OutputServices;

/** Settings of editors, and tabs for files and comparisons. */
export const IEditorServices = new Token<EditorServices>(
  '@bpflab/extension:IEditorServices',
  'Settings of editors, and tabs for files and comparisons.'
);
/** Type of the service behind the token of the same name. */
export type IEditorServices = EditorServices;
