import type { TargetProvider } from '../../core/index.js';
import type { PlayerState, SessionCommand } from '../../protocol/index.js';
import { PlayerClock } from './player-clock.js';
import { RecordingFile } from './recording-file.js';
import { unreadable } from './recording-format.js';
import { ReplayChannel } from './replay-channel.js';
import { readScript, type ReplayScript, type TimedStep } from './replay-script.js';
import type { SessionReplay } from './session-replay.js';

/** While a place is looked for, cells that wait have time go so much faster. */
const SEEK_RATE = 64;
/** Speeds that a player takes. */
const MIN_SPEED = 0.1;
const MAX_SPEED = 100;

/** Where the cells of a recording are executed; the player does not own it. */
export interface PlayerKernel {
  /** Begins a new session, which asks the player for its replay; resolves when it takes cells. */
  restart(): Promise<void>;
  /** Resolves when the cell is through, however it ended. */
  execute(cell: string, code: string): Promise<void>;
  command(command: SessionCommand): Promise<void>;
  /** Takes away what cells show. */
  clear(cells: string[]): void;
}

/** The time of one session; `over` resolves when it is replaced. */
interface Life {
  isOver: boolean;
  over: Promise<void>;
  end(): void;
}

function newLife(): Life {
  let resolveOver = (): void => undefined;
  const over = new Promise<void>(resolve => (resolveOver = resolve));
  const life: Life = {
    isOver: false,
    over,
    end: () => {
      life.isOver = true;
      resolveOver();
    }
  };
  return life;
}

/**
 * Plays a recorded session: executes its cells at their times on a session whose targets are the recording's. Going back is
 * a new session that is played up to the place, so that what is shown there is what was shown there.
 */
export class ReplayPlayer {
  readonly #file: RecordingFile;
  readonly #script: ReplayScript;
  /** Cells and commands in their order. */
  readonly #steps: TimedStep[];
  readonly #clock = new PlayerClock();
  #channels = new Set<ReplayChannel>();
  #kernel: PlayerKernel | null = null;
  /** Over when the session is replaced: what belongs to it stops. */
  #life = newLife();
  #refresh: () => Promise<void> = () => Promise.resolve();
  #nextStep = 0;
  /** The step that is under way, and when it was through in the recording. */
  #executing: { endUs: number; done: Promise<unknown> } | null = null;
  #isDriving = false;
  #speed = 1;
  #isPlaying = false;
  #seekToUs: number | null = null;
  #turn: Promise<void> = Promise.resolve();

  private constructor(file: RecordingFile, script: ReplayScript) {
    this.#file = file;
    this.#script = script;
    this.#steps = script.steps.filter(({ step }) => step.type === 'begin' || step.type === 'command');
  }

  /** Reads a recording; whoever opens it closes it. @throws LabError `BPFLAB_TARGET_START` */
  static async open(path: string): Promise<ReplayPlayer> {
    const file = new RecordingFile(path);
    try {
      const script = await readScript(file);
      if (!script.steps.some(({ step }) => step.type === 'begin')) throw unreadable('no cell was executed in it');
      return new ReplayPlayer(file, script);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** Text and code of the notebook that was recorded, and the code of cells that it has no more. */
  get cells(): { id: string; type: 'code' | 'markdown'; source: string }[] {
    const cells = this.#script.steps.flatMap(({ step }) => (step.type === 'notebook' ? step.cells : []));
    for (const { step } of this.#steps) {
      if (step.type !== 'begin') continue;
      const known = cells.find(cell => cell.id === step.cell);
      if (known === undefined) cells.push({ id: step.cell, type: 'code', source: step.code });
      else known.source = step.code;
    }
    return cells.filter(({ type, source }) => type !== 'code' || !/^\s*%record\b[^\n]*\s*$/.test(source));
  }

  get state(): PlayerState {
    return {
      position_ms: (this.#seekToUs ?? this.#clock.nowUs()) / 1000,
      duration_ms: this.#script.durationUs / 1000,
      speed: this.#speed,
      is_playing: this.#isPlaying && this.#clock.nowUs() < this.#script.durationUs,
      is_seeking: this.#seekToUs !== null,
      cells: this.#steps.flatMap(({ timeUs, step }) =>
        step.type === 'begin' ? [{ cell: step.cell, at_ms: timeUs / 1000 }] : []
      )
    };
  }

  /** Who executes the cells from now on. */
  attach(kernel: PlayerKernel): void {
    this.#kernel = kernel;
  }

  /** A session begins: the recording stands at its start. */
  beginLife(): SessionReplay {
    this.#life.end();
    this.#life = newLife();
    this.#nextStep = 0;
    this.#executing = null;
    const channels = new Set<ReplayChannel>();
    this.#channels = channels;
    this.#isPlaying = false;
    this.#clock.setRate(0);
    this.#clock.set(0);
    this.#limit();
    const opened = new Map<string, number>();
    return {
      target: this.#file.header.target,
      firstRun: this.#file.header.first_run,
      timings: new Map(
        this.#script.steps.flatMap(({ step }) => (step.type === 'timed' ? [[step.run, step.timing_us]] : []))
      ),
      clock: this.#clock.forSession(),
      onClosing: () => void [...channels].map(channel => channel.close()),
      onRefresh: refresh => (this.#refresh = refresh),
      findProvider: name => this.#provider(name, opened)
    };
  }

  play(speed = this.#speed): Promise<void> {
    this.#speed = Math.min(MAX_SPEED, Math.max(MIN_SPEED, speed));
    return this.#inTurn(async () => {
      if (this.#clock.nowUs() >= this.#script.durationUs) await this.#goBack();
      this.#isPlaying = true;
      this.#clock.setRate(this.#speed);
      this.#drive();
    });
  }

  pause(): void {
    this.#isPlaying = false;
    if (this.#seekToUs === null) this.#clock.setRate(0);
  }

  /** Goes to a time; resolves when what is shown is what was shown then. Plays on from there when it played. */
  seek(positionMs: number): Promise<void> {
    return this.#inTurn(async () => {
      const wasPlaying = this.#isPlaying;
      const toUs = Math.min(Math.max(0, positionMs * 1000), this.#script.durationUs);
      this.#seekToUs = toUs;
      try {
        if (toUs < this.#clock.nowUs()) await this.#goBack();
        this.#isPlaying = wasPlaying;
        await this.#reach(toUs);
      } finally {
        this.#seekToUs = null;
        this.#clock.setRate(this.#isPlaying ? this.#speed : 0);
        this.#limit();
      }
    });
  }

  /** Ends playing; the session's targets end with their session. */
  close(): void {
    this.#life.end();
    this.#isPlaying = false;
    this.#clock.setRate(0);
    this.#file.close();
  }

  async #goBack(): Promise<void> {
    const kernel = this.#kernel;
    if (kernel === null) return;
    this.#clock.setRate(0);
    await kernel.restart();
    kernel.clear(this.cells.filter(({ type }) => type === 'code').map(({ id }) => id));
  }

  /** Runs ahead to a time, from cell to cell. */
  async #reach(toUs: number): Promise<void> {
    this.#limit();
    this.#clock.setRate(SEEK_RATE);
    this.#jump();
    this.#drive();
    await this.#clockShows(toUs, this.#life);
    // What was through by then has to be: compiling may take longer than it took.
    while (this.#executing !== null && this.#executing.endUs <= toUs) await this.#executing.done;
    await this.#settle();
    await this.#refresh();
  }

  /** Nothing happens before the next cell: its time has come. */
  #jump(): void {
    const toUs = this.#seekToUs;
    if (toUs === null || this.#executing !== null) return;
    const nextUs = this.#steps[this.#nextStep]?.timeUs ?? Infinity;
    this.#clock.set(Math.max(this.#clock.nowUs(), Math.min(toUs, nextUs)));
  }

  /** Until every channel has sent what was sent by now. */
  async #settle(): Promise<void> {
    while ([...this.#channels].some(channel => channel.isBehind)) {
      await new Promise(resolve => setImmediate(resolve));
    }
  }

  /** Executes step after step at its time, as long as the session lives. */
  #drive(): void {
    if (this.#isDriving) return;
    this.#isDriving = true;
    const life = this.#life;
    void this.#driveLife(life).finally(() => {
      this.#isDriving = false;
      // The session was replaced while a cell of it was on its way.
      if (life.isOver && (this.#isPlaying || this.#seekToUs !== null)) this.#drive();
    });
  }

  async #driveLife(life: Life): Promise<void> {
    for (let next = this.#steps[this.#nextStep]; next !== undefined; next = this.#steps[this.#nextStep]) {
      await this.#isDue(next.timeUs, life);
      if (this.#seekToUs !== null) await this.#settle();
      if (life.isOver) return;
      await this.#perform(next, life);
      if (life.isOver) return;
      this.#executing = null;
      this.#jump();
    }
    await this.#clockShows(this.#script.durationUs, life);
    await this.#settle();
    if (!life.isOver) await this.#refresh();
  }

  /** Resolves when a step may begin: at its time, unless time stands still there. */
  async #isDue(atUs: number, life: Life): Promise<void> {
    while (!life.isOver) {
      await this.#clockShows(atUs, life);
      if (this.#seekToUs === null ? this.#isPlaying : atUs < this.#seekToUs) return;
      let stop = (): void => undefined;
      await Promise.race([life.over, new Promise<void>(resolve => (stop = this.#clock.onSet(resolve)))]);
      stop();
    }
  }

  async #perform({ step, timeUs }: TimedStep, life: Life): Promise<void> {
    this.#nextStep++;
    const work = step.type === 'begin' ? this.#kernel?.execute(step.cell, step.code) : this.#command(step);
    const done = Promise.race([work, life.over]);
    this.#executing = { endUs: step.type === 'begin' ? this.#endOf(step.cell, timeUs) : timeUs, done };
    this.#limit();
    await done;
  }

  /** When a cell that began at a time was through; never, when the recording stops before. */
  #endOf(cell: string, beganUs: number): number {
    const end = this.#script.steps.find(
      ({ timeUs, step }) => timeUs >= beganUs && step.type === 'end' && step.cell === cell
    );
    return end?.timeUs ?? Infinity;
  }

  /** A button that has nothing to press any more is no reason to stop. */
  async #command(step: TimedStep['step']): Promise<void> {
    if (step.type === 'command') await this.#kernel?.command(step.command).catch(() => undefined);
  }

  /** Time does not pass the place that is looked for, nor the next step, since what comes after it is of after it. */
  #limit(): void {
    const stepUs = this.#steps[this.#nextStep]?.timeUs ?? this.#script.durationUs;
    this.#clock.setLimit(Math.min(stepUs, this.#seekToUs ?? Infinity));
  }

  /** Resolves when the clock shows that time, or the session is replaced. */
  async #clockShows(atUs: number, { over }: Life): Promise<void> {
    let takeBack = (): void => undefined;
    const shown = new Promise<void>(resolve => (takeBack = this.#clock.at(atUs, resolve)));
    await Promise.race([shown, over]);
    takeBack();
  }

  #inTurn(step: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(step);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  #provider(name: string, opened: Map<string, number>): TargetProvider | null {
    const scripts = this.#script.channels.filter(channel => channel.target === name);
    return {
      name: 'replay',
      describe: () => `the recording of ${this.#file.header.recorded_at}`,
      open: () => {
        const count = opened.get(name) ?? 0;
        opened.set(name, count + 1);
        const script = scripts[count];
        if (script === undefined) return Promise.reject(unreadable(`"${name}" was not opened in it here`));
        const channels = this.#channels;
        const onEnd = (): void => void channels.delete(channel);
        const channel = new ReplayChannel({ file: this.#file, script, clock: this.#clock, onEnd });
        channels.add(channel);
        return Promise.resolve(channel);
      }
    };
  }
}
