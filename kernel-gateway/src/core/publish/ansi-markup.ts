import { escapeText, Markup } from './markup.js';

const colors = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];

interface Style {
  color: string;
  isBold: boolean;
}

/** Text of a terminal: its colors as classes `ansi-red` …, bold; every other control sequence is left out (ECMA-48 SGR). */
export function ansiMarkup(text: string): Markup {
  const style: Style = { color: '', isBold: false };
  let html = '';
  // eslint-disable-next-line no-control-regex -- escape sequences are what is read
  for (const part of text.split(/(\u001b\[[0-9;?]*[A-Za-z])/)) {
    // eslint-disable-next-line no-control-regex -- as above
    const sequence = /^\u001b\[([0-9;?]*)([A-Za-z])$/.exec(part);
    if (sequence === null) html += styled(part, style);
    else if (sequence[2] === 'm') applyCodes(style, sequence[1] ?? '');
  }
  return new Markup(html);
}

function styled(text: string, { color, isBold }: Style): string {
  const classes = [color === '' ? '' : `ansi-${color}`, isBold ? 'ansi-bold' : ''].filter(name => name !== '');
  return text === '' || classes.length === 0
    ? escapeText(text)
    : `<span class="${classes.join(' ')}">${escapeText(text)}</span>`;
}

function applyCodes(style: Style, codes: string): void {
  for (const code of codes.split(';').map(Number)) {
    if (code === 0) Object.assign(style, { color: '', isBold: false });
    else if (code === 1) style.isBold = true;
    else if (code === 22) style.isBold = false;
    else if (code === 39) style.color = '';
    else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) style.color = colors[code % 10] ?? '';
  }
}
