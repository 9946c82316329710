import { annotationNotes } from './read-annotations.js';
import { blastRadius } from './blast-radius.js';
import { CellList } from './cell-list.js';
import { followFolder } from './follow-folder.js';
import { lessonPrograms, type LessonProgram } from './lesson-programs.js';
import type { LessonCell, LessonSource, ReadmePiece, SourceFile } from './lesson-source.js';
import { fenced, folded, lessonTexts, type LessonTexts } from './lesson-texts.js';
import { lineDiff, sameButForSpace } from './line-diff.js';
import { mapCommand, notes, placeholdersOf, type MappedCommand } from './map-command.js';
import { ListingIndex } from './match-listing.js';
import { ELSEWHERE, readTranscript, type TranscriptStep } from './read-transcript.js';

/** A file of more than this many characters is not put into a cell; it lies beside the notebook. */
const MOST_IN_CELL = 256 * 1024;
/** Sources of a Makefile that are longer are not shown either, since the cell that makes them needs no cell of theirs. */
const MOST_SHOWN = 48 * 1024;

type Fence = Extract<ReadmePiece, { kind: 'fence' }>;

/**
 * A lesson as cells: the text in its order, its listings and commands made runnable. All bytes of the text are in the cells:
 * a Markdown cell holds a part of it as it is, or a cell that stands for a fence has the fence in `origin.readme`.
 */
export function lessonCells(lesson: LessonSource): LessonCell[] {
  const writer = new LessonWriter(lesson);
  for (const piece of lesson.pieces) writer.piece(piece);
  return writer.end();
}

class LessonWriter {
  readonly #lesson: LessonSource;
  readonly #texts: LessonTexts;
  readonly #language: 'en' | 'zh';
  readonly #programs: LessonProgram[];
  readonly #listings: ListingIndex;
  readonly #cells = new CellList();
  readonly #shown = new Set<string>();
  readonly #started = new Set<LessonProgram>();
  /** End of the text before a fence: says for which terminal it is. */
  #lead = '';

  constructor(lesson: LessonSource) {
    this.#lesson = lesson;
    this.#texts = lessonTexts(lesson.language);
    this.#language = lesson.language.startsWith('zh') ? 'zh' : 'en';
    this.#programs = lessonPrograms(lesson.files, lesson.only);
    const mine = new Set(this.#programs.flatMap(program => filesOf(program)));
    const isListed = (file: SourceFile): boolean => lesson.only === null || mine.has(file);
    this.#listings = new ListingIndex(lesson.files.filter(isListed));
  }

  piece(piece: ReadmePiece): void {
    if (piece.kind === 'text') {
      this.#cells.addProse(piece.raw, piece.isHeading);
      if (piece.raw.trim() !== '')
        this.#lead = piece.raw
          .trim()
          .split(/\n\s*\n/)
          .at(-1)!;
      return;
    }
    const transcript = readTranscript(piece.info, piece.text);
    if (transcript === null || this.#listings.match(piece.text)) this.#listing(piece);
    else if (transcript.kind === 'steps' && !this.#listings.isFragment(piece.text))
      this.#commands(piece, transcript.steps);
    else {
      this.#cells.addProse(piece.raw, false);
      if (transcript.kind === 'output') this.#cells.expect(piece.text);
    }
    this.#lead = '';
  }

  end(): LessonCell[] {
    const waiting = this.#programs.filter(program => !this.#started.has(program));
    for (const program of waiting) this.#showProgram(program);
    for (const program of waiting.filter(each => !this.#started.has(each))) this.#start(program);
    return this.#cells.end();
  }

  #listing(fence: Fence): void {
    const match = this.#listings.match(fence.text);
    if (!match || this.#shown.has(match.file.path) || match.file.text.length > MOST_IN_CELL) {
      const isOutput = /^(|txt|text|plaintext|log|output)$/.test(fence.info.trim());
      this.#cells.addProse(fence.raw, false);
      if (isOutput) this.#cells.expect(fence.text);
      return;
    }
    const program = this.#programs.find(({ file }) => file === match.file);
    for (const header of program?.kind === 'bpf' ? program.headers : []) this.#showFile(header);
    this.#showFile(match.file, fence.raw);
    if (match.isExact) return;
    const diff = fenced('diff', lineDiff(fence.text.trimEnd(), match.file.text.trimEnd(), sameButForSpace));
    this.#cells.addNote('note', folded(this.#texts.differs, diff));
  }

  /** Puts a file into a cell, once: that of its program, or one that writes the file. */
  #showFile(file: SourceFile, readme?: string): void {
    if (this.#shown.has(file.path)) return;
    this.#shown.add(file.path);
    const program = this.#programs.find(each => each.file === file);
    const dangers = blastRadius(file.path.endsWith('.bpf.c') ? file.text : '');
    if (dangers.length > 0) {
      const sentences = dangers.map(({ sentence }) => sentence[this.#language]).join(' ');
      this.#cells.addNote('warning', `> ⚠️ **${this.#texts.wholeMachine}** ${sentences} ${this.#texts.useVm}`);
    }
    const head = program ? headOf(program, file) : `%%file ${file.path}`;
    const origin = { role: 'file', file: file.path, ...(readme === undefined ? {} : { readme }) } as const;
    this.#cells.addCode(`file:${file.path}`, `${head}\n${file.text.trimEnd()}`, origin);
    if (program && !['make', 'user'].includes(program.kind)) this.#started.add(program);
    const said = program ? annotationNotes(file.text) : [];
    if (said.length > 0)
      this.#cells.addNote('note', [this.#texts.follows, ...said.map(line => `- ${line}`)].join('\n'));
  }

  /** Cells of a program's files that are not there yet, under a heading of their own. */
  #showProgram(program: LessonProgram): void {
    const all = program.kind === 'bcc' ? [...program.headers, program.file] : [...program.headers, ...filesOf(program)];
    const most = program.kind === 'make' ? MOST_SHOWN : MOST_IN_CELL;
    const missing = [...new Set(all)].filter(file => !this.#shown.has(file.path) && file.text.length <= most);
    if (missing.length > 0) this.#cells.addHeading(this.#texts.files);
    for (const file of missing) this.#showFile(file);
  }

  /** The cell that runs an application of which no command of the text does. */
  #start(program: LessonProgram): void {
    this.#started.add(program);
    const call = { command: `./${program.name}`, output: '', isElsewhere: false };
    const mapped = mapCommand(call.command, { ...this.#context(''), isElsewhere: false });
    if (mapped.kind === 'cell') this.#cells.addCode(`run:${program.name}`, mapped.source, { role: 'command' });
  }

  #context(folder: string): { programs: LessonProgram[]; files: readonly SourceFile[]; folder: string } {
    return { programs: this.#programs, files: this.#lesson.files, folder };
  }

  #commands(fence: Fence, steps: readonly TranscriptStep[]): void {
    const isElsewhere = ELSEWHERE.test(this.#lead);
    let folder = '';
    const scripts: SourceFile[] = [];
    const mapped: MappedStep[] = [];
    for (const step of steps) {
      const followed = followFolder(step.command, { folder, lesson: this.#lesson });
      folder = followed.folder;
      if (followed.rest === '') continue;
      const shown = shownScript(followed.rest, step.output);
      if (shown !== null) scripts.push(shown);
      const { files, ...around } = this.#context(folder);
      const context = { ...around, files: [...files, ...scripts], isElsewhere: isElsewhere || step.isElsewhere };
      const result: MappedCommand = shown ? { kind: 'note', note: 'compile' } : mapCommand(followed.rest, context);
      mapped.push({ step, result });
    }
    const isPlain = mapped.length === steps.length && isTraffic(mapped);
    if (isPlain) this.#cells.standFor(fence.raw);
    else this.#cells.addProse(fence.raw, false);
    let hasCell = false;
    for (const { step, result } of mapped) hasCell = this.#step(step, result) || hasCell;
    const said = [...new Set(mapped.flatMap(({ result }) => (result.kind === 'note' ? [result.note] : [])))];
    if (!hasCell && said.length > 0)
      this.#cells.addNote('note', said.map(note => `*${notes[note][this.#language]}*`).join(' '));
  }

  /** Adds what one command becomes; whether there is a cell now that was not there. */
  #step(step: TranscriptStep, result: MappedCommand): boolean {
    if (result.kind === 'note') {
      if (result.note === 'printk')
        this.#cells.expect(step.output, this.#programs.find(({ kind }) => kind === 'bpf')?.file.path);
      return false;
    }
    if (result.kind === 'program') return this.#program(result.program, result.settings, step);
    this.#beforeCell(result.source);
    this.#cells.addCommand(step, result.source, placeholdersOf(result.source));
    return true;
  }

  #program(program: LessonProgram, settings: string[], step: TranscriptStep): boolean {
    const wasThere = this.#shown.has(program.file.path);
    this.#showProgram(program);
    if (!/^(sudo )?(\.\/)?ecc/.test(step.command)) this.#cells.expect(step.output, program.file.path);
    if (settings.length === 0) return !wasThere;
    const words = settings.map(setting =>
      setting.replace(/=(\$\(.*)$/, (_, value: string) => `=<${value.replace(/\W+/g, ' ').trim()}>`)
    );
    this.#cells.addCommand(
      { ...step, output: '' },
      `%set ${words.map(quoted).join(' ')}`,
      placeholdersOf(words.join(' '))
    );
    return true;
  }

  /** The files that an application is made of come before the cell that makes or runs it. */
  #beforeCell(source: string): void {
    const isMade = source.startsWith('%%make') || source.startsWith('%%user');
    if (!isMade) return;
    const makeable = this.#programs.filter(({ kind }) => kind === 'make' || kind === 'user');
    const called = makeable.filter(
      ({ name, cellName }) =>
        source.includes(`./${name}`) || source.startsWith(`%%user ${cellName}`) || source.includes(`-- ${name}`)
    );
    for (const program of called.length > 0 ? called : makeable) this.#showProgram(program);
    for (const program of called) if (source.includes('\n')) this.#started.add(program);
  }
}

interface MappedStep {
  step: TranscriptStep;
  result: MappedCommand;
}

/** Whether all that commands do is to be seen by others, and none of them prints what is to be read. */
const isTraffic = (mapped: readonly MappedStep[]): boolean =>
  mapped.length > 0 &&
  mapped.every(({ step, result }) => result.kind === 'cell' && result.isTraffic && step.output === '');

/** A script of bpftrace that a transcript prints before it is run. */
function shownScript(command: string, output: string): SourceFile | null {
  const path = /^cat ([\w.-]+\.bt)$/.exec(command)?.[1];
  return path === undefined || output === '' ? null : { path, text: output };
}

const quoted = (word: string): string => (/[\s'"]/.test(word) ? `"${word.replaceAll('"', '')}"` : word);

const filesOf = ({ file, userFile }: LessonProgram): SourceFile[] => (userFile ? [file, userFile] : [file]);

/** First line of a program's own cell. */
function headOf(program: LessonProgram, file: SourceFile): string {
  const { kind, cellName, options } = program;
  if (kind === 'bpf') return ['%%bpf', cellName, ...options].join(' ');
  if (kind === 'user') return `%%bpf ${cellName} --no-attach`;
  return kind === 'make' ? `%%file ${file.path}` : `%%${kind}${kind === 'bpftrace' ? ` ${cellName}` : ''}`;
}
