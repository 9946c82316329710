import { stat } from 'node:fs/promises';
import type { ContentsModel, ContentsWish } from '../contents/contents-model.js';
import type { ContentsRoot } from '../contents/contents-root.js';
import { ContentsStore, type Checkpoint, type SaveRequest } from '../contents/contents-store.js';
import { checkNotebook, type Notebook } from '../contents/notebook-file.js';
import type { OutputRecorder } from './output-recorder.js';

/** The notebook folder, where recorded outputs decide over those of a file and of a page. */
export class RecordedContents extends ContentsStore {
  readonly #recorder: OutputRecorder;

  constructor(root: ContentsRoot, recorder: OutputRecorder) {
    super(root);
    this.#recorder = recorder;
  }

  override async read(path: string, wish: ContentsWish): Promise<ContentsModel> {
    const model = await super.read(path, wish);
    if (model.type !== 'notebook' || !wish.content) return model;
    const record = this.#recorder.of(normal(path));
    record.compare(await this.#stamp(path));
    return { ...model, content: record.merge(model.content as Notebook) };
  }

  override async save(path: string, request: SaveRequest): Promise<ContentsModel> {
    if (request.type !== 'notebook') return super.save(path, request);
    const record = this.#recorder.of(normal(path));
    const content = record.merge(checkNotebook(request.content, path));
    const model = await super.save(path, { ...request, content });
    record.saved(content, await this.#stamp(path));
    return model;
  }

  override async copy(from: string, folder: string): Promise<ContentsModel> {
    await this.settle(from);
    return super.copy(from, folder);
  }

  override async move(from: string, to: string): Promise<ContentsModel> {
    const model = await super.move(from, to);
    await this.#recorder.move(normal(from), normal(to));
    return model;
  }

  override async remove(path: string): Promise<void> {
    await super.remove(path);
    await this.#recorder.remove(normal(path));
  }

  override async checkpoint(path: string): Promise<Checkpoint> {
    await this.settle(path);
    return super.checkpoint(path);
  }

  /** Puts recorded outputs into the notebook's file, for those who read the file itself. */
  async settle(path: string): Promise<void> {
    if (!path.endsWith('.ipynb') || !this.#recorder.of(normal(path)).isUnsaved) return;
    const { type, content } = await this.read(path, { content: true, hash: false, type: undefined, format: undefined });
    if (type === 'notebook') await this.save(path, { type, format: 'json', content, chunk: undefined });
  }

  async #stamp(path: string): Promise<string> {
    const { mtimeMs, size, ino } = await stat((await this.root.existing(path)).absolute);
    return `${mtimeMs} ${size} ${ino}`;
  }
}

const normal = (path: string): string => path.split('/').filter(Boolean).join('/');
