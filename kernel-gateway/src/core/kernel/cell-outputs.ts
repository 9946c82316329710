import type { OutputChange, RecordedOutput } from '../../protocol/index.js';
import type { JupyterMessage } from './jupyter-message.js';
import { StreamText } from './stream-text.js';

/** Outputs of one execution of a cell, made of the kernel's iopub messages as a front end makes them. */
export class CellOutputs {
  readonly outputs: RecordedOutput[];
  readonly #displays = new Map<string, number[]>();
  /** Text of the stream at the end; what comes after another output begins a new one. */
  #stream = new StreamText();

  /** `outputs` are those of an execution that is over: nothing updates them. */
  constructor(outputs: RecordedOutput[] = []) {
    this.outputs = outputs;
  }

  /** One iopub message of the execution's own request; null: it is no output. */
  take({ header, content }: JupyterMessage): OutputChange | null {
    switch (header.msg_type) {
      case 'stream':
        return this.takeStream(String(content['name']), String(content['text']));
      case 'display_data': {
        const id = displayId(content);
        if (id !== '') this.#displays.set(id, [...(this.#displays.get(id) ?? []), this.outputs.length]);
        return this.#add({ output_type: 'display_data', data: dataOf(content), metadata: metadataOf(content) });
      }
      case 'error':
        return this.#add({
          output_type: 'error',
          ename: String(content['ename']),
          evalue: String(content['evalue']),
          traceback: content['traceback'] as string[]
        });
      default:
        return null;
    }
  }

  /** An `update_display_data`, whatever request it is under: it changes every output of its display. */
  update({ content }: JupyterMessage): OutputChange[] {
    const places = this.#displays.get(displayId(content)) ?? [];
    return places.map(index => this.replace(index, dataOf(content), metadataOf(content)));
  }

  /** Puts other data into the display at `index`. */
  replace(index: number, data: Record<string, unknown>, metadata: Record<string, unknown>): OutputChange {
    const output: RecordedOutput = { output_type: 'display_data', data, metadata };
    this.outputs[index] = output;
    return { kind: 'set', index, output };
  }

  /** Text of the stream `name`. */
  takeStream(name: string, text: string): OutputChange {
    const last = this.outputs.at(-1);
    if (last?.output_type !== 'stream' || last.name !== name) {
      this.#stream = new StreamText();
      this.#stream.add(text);
      return this.#add({ output_type: 'stream', name, text: this.#stream.text });
    }
    this.#stream.add(text);
    const output: RecordedOutput = { output_type: 'stream', name, text: this.#stream.text };
    this.outputs[this.outputs.length - 1] = output;
    if (output.text === last.text + text) return { kind: 'text', name, text };
    return { kind: 'set', index: this.outputs.length - 1, output };
  }

  #add(output: RecordedOutput): OutputChange {
    this.outputs.push(output);
    return { kind: 'add', output };
  }
}

const dataOf = (content: Record<string, unknown>): Record<string, unknown> =>
  content['data'] as Record<string, unknown>;

const metadataOf = (content: Record<string, unknown>): Record<string, unknown> =>
  (content['metadata'] ?? {}) as Record<string, unknown>;

const displayId = (content: Record<string, unknown>): string =>
  String((content['transient'] as { display_id?: string } | undefined)?.display_id ?? '');
