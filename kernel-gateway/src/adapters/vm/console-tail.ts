const KEPT_CHARS = 64 * 1024;
/** "[   12.345678] " or "[   12.345678][    T1] " in front of a kernel line. */
const TIMESTAMP = /^\[ *\d+\.\d+\](\[[ \w]+\])? ?/;
const PANIC = /Kernel panic - not syncing: .*/;

/** The last 64 Ki characters that a guest wrote on its serial console. Bytes that are no ASCII become '?'. */
export class ConsoleTail {
  #text = '';
  #onFirstLine: (() => void) | null = null;

  push(bytes: Uint8Array): void {
    const text = String.fromCharCode(...bytes.map(byte => (byte < 0x80 ? byte : 0x3f)));
    this.#text = (this.#text + text).slice(-KEPT_CHARS);
    if (text.includes('\n')) this.#onFirstLine?.();
  }

  /** Resolves when the guest has written a whole line; for ever pending when it never does. One caller. */
  firstLine(): Promise<void> {
    return new Promise(resolve => {
      this.#onFirstLine = resolve;
      if (this.#text.includes('\n')) resolve();
    });
  }

  /** Lines without the kernel's timestamps, oldest first; empty ones left out. */
  lines(): string[] {
    return this.#text
      .split(/\r?\n/)
      .map(line => line.replace(TIMESTAMP, '').trim())
      .filter(line => line !== '');
  }

  /** The newest "Kernel panic - not syncing: …" with its cause; null when the kernel did not panic. */
  panic(): string | null {
    for (const line of this.lines().reverse()) {
      const found = PANIC.exec(line);
      // The last line of a panic repeats the first one in "---[ end Kernel panic - not syncing: … ]---".
      if (found !== null) return found[0].replace(/ *\]---.*$/, '');
    }
    return null;
  }
}
