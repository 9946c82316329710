/** HTML that is made here, or was sanitized: the type keeps text that nobody escaped out of a page. */
export class Markup {
  constructor(readonly html: string) {}

  toString(): string {
    return this.html;
  }
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as HTML text or as the value of a quoted attribute; controls of direction and of the terminal are shown as U+FFFD. */
export function escapeText(text: string): string {
  return (
    text
      // eslint-disable-next-line no-control-regex -- controls are what is replaced
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
      .replace(/[&<>"']/g, character => entities[character] ?? character)
  );
}

type Part = Markup | string | number | null | undefined | readonly Part[];

function partHtml(part: Part): string {
  if (part === null || part === undefined) return '';
  if (part instanceof Markup) return part.html;
  return typeof part === 'object' ? part.map(partHtml).join('') : escapeText(String(part));
}

/** A template of HTML: every value in it is text and is escaped, unless it is `Markup` itself; lists are joined, null is nothing. */
export function markup(parts: TemplateStringsArray, ...values: Part[]): Markup {
  return new Markup(parts.reduce((html, part, index) => html + partHtml(values[index - 1]) + part));
}
