import { Notification } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import type { PlayerCommand, PlayerState } from 'kernel-gateway/protocol';
import { button } from '../dom/button.js';
import { element } from '../dom/element.js';
import { askPlayer, readPlayer } from './replay-client.js';

const LOOK_MS = 500;
const SPEEDS = [0.5, 1, 2, 5, 10];

/** `75000` as `1:15`. */
const clockText = (ms: number): string => {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};

/** Play, pause, place and speed of a recording, above the notebook that plays it. */
export class PlayerBar extends Widget {
  constructor(panel: NotebookPanel, trans: TranslationBundle) {
    super();
    this.addClass('jp-BpflabPlayer');
    this._panel = panel;
    this._trans = trans;
    this._place = element('input', {
      type: 'range',
      min: 0,
      max: 0,
      // Any: the end is seldom a whole number of steps, and has to be reached. Arrow keys go by hundredths of the whole.
      step: 'any',
      class: 'jp-BpflabPlayer-place',
      'aria-label': trans.__('Place in the recording'),
      input: () => this._showTime(Number(this._place.value)),
      change: () => void this._ask({ type: 'seek', position_ms: Math.round(Number(this._place.value)) })
    });
    this._speed = element(
      'select',
      {
        'aria-label': trans.__('Speed'),
        change: () => {
          if (this._state?.is_playing === true) {
            this._play();
          }
        }
      },
      ...SPEEDS.map(speed => element('option', { value: speed, selected: speed === 1 }, `${speed}×`))
    );
    this._time = element('span', { class: 'jp-BpflabPlayer-time' });
    this._toggle = button({ label: trans.__('Play'), text: trans.__('Play'), onClick: () => this._onToggle() });
    this.node.append(this._toggle, this._place, this._time, this._speed);
    this.node.setAttribute('role', 'group');
    this.node.setAttribute('aria-label', trans.__('Recording'));
    this._timer = window.setInterval(() => void this._look(), LOOK_MS);
    void this._look();
  }

  override dispose(): void {
    window.clearInterval(this._timer);
    super.dispose();
  }

  private get _kernel(): string | null {
    return this._panel.sessionContext.session?.kernel?.id ?? null;
  }

  private _onToggle(): void {
    if (this._state?.is_playing === true) {
      void this._ask({ type: 'pause' });
    } else {
      this._play();
    }
  }

  private _play(): void {
    void this._ask({ type: 'play', speed: Number(this._speed.value) });
  }

  private async _ask(command: PlayerCommand): Promise<void> {
    const kernel = this._kernel;
    if (kernel === null) {
      return;
    }
    this._asked++;
    try {
      this._show(await askPlayer(kernel, command));
    } catch (error) {
      Notification.error(error instanceof Error ? error.message : String(error), { autoClose: 10_000 });
    } finally {
      this._asked--;
    }
  }

  private async _look(): Promise<void> {
    const kernel = this._kernel;
    if (kernel === null || !this.isVisible || this._asked > 0) {
      return;
    }
    try {
      const state = await readPlayer(kernel);
      if (this._asked === 0) {
        this._show(state);
      }
    } catch {
      // A kernel that restarts, or a server that is away: the next look tells.
    }
  }

  private _show(state: PlayerState): void {
    this._state = state;
    const label = state.is_playing ? this._trans.__('Pause') : this._trans.__('Play');
    this._toggle.replaceChildren(label);
    this._toggle.title = label;
    this._place.max = String(state.duration_ms);
    if (document.activeElement !== this._place || state.is_playing) {
      this._place.value = String(state.position_ms);
    }
    this._showTime(state.position_ms);
  }

  private _showTime(positionMs: number): void {
    const text = `${clockText(positionMs)} / ${clockText(this._state?.duration_ms ?? 0)}`;
    this._time.textContent = text;
    this._place.setAttribute('aria-valuetext', text);
  }

  private readonly _panel: NotebookPanel;
  private readonly _trans: TranslationBundle;
  private readonly _place: HTMLInputElement;
  private readonly _speed: HTMLSelectElement;
  private readonly _time: HTMLElement;
  private readonly _toggle: HTMLButtonElement;
  private readonly _timer: number;
  private _state: PlayerState | null = null;
  private _asked = 0;
}
