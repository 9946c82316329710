/**
 * A failure of a set-up step: `message` says in one sentence what failed, on what, and the cause in its own words;
 * `hint` is the one next step; `details` is the text behind it (stderr). `code` is a code of the product's error table.
 */
export class StepError extends Error {
  /**
   * @param {'BPFLAB_IMAGE_MISSING' | 'BPFLAB_IMAGE_FETCH' | 'BPFLAB_IMAGE_BUILD' | 'BPFLAB_DISK_FULL' | 'BPFLAB_CONFIG_OPTION'} code
   * @param {string} message
   * @param {{ hint?: string, details?: string, cause?: unknown }} [options]
   */
  constructor(code, message, options = {}) {
    super(message, { cause: options.cause });
    this.name = 'StepError';
    this.code = code;
    this.hint = options.hint ?? hints[code];
    this.details = options.details ?? '';
  }
}

/** The same next steps as in kernel-gateway/src/protocol/error-table.ts, which does not exist before the build. */
const hints = {
  BPFLAB_IMAGE_MISSING: 'Run npm start once with a network, or without --offline.',
  BPFLAB_IMAGE_FETCH:
    'Check network and proxy, or name a mirror with --mirror; then run it again, it goes on where it stopped.',
  BPFLAB_IMAGE_BUILD: 'Run it again; when it fails again, remove the folder that the message names.',
  BPFLAB_DISK_FULL: 'Free space on the disk that the message names, then run it again.',
  BPFLAB_CONFIG_OPTION: 'See npx bpflab --help for the options and their values.'
};
