/** Languages of one header that are looked at. */
const MAX_RANGES = 32;

/**
 * The language that a browser would like best, null when it names none of those offered. What is offered for one country or
 * script is offered to readers of the others too.
 *
 * @param header - `Accept-Language`, such as `zh-CN,zh;q=0.9,en;q=0.8` (RFC 9110, 12.5.4)
 * @param offered - names of locales, such as `zh_CN`
 */
export function preferredLanguage(header: string, offered: readonly string[]): string | null {
  const wanted = header
    .split(',', MAX_RANGES)
    .map(range => {
      const [tag = '', ...parameters] = range.split(';').map(part => part.trim().toLowerCase());
      const quality = parameters.find(parameter => parameter.startsWith('q='));
      return { tag, quality: quality === undefined ? 1 : Number(quality.slice(2)) };
    })
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality);
  for (const { tag } of wanted) {
    const exact = offered.find(name => tagOf(name) === tag);
    const found = exact ?? offered.find(name => languageOf(tagOf(name)) === languageOf(tag));
    if (found !== undefined) return found;
  }
  return null;
}

const tagOf = (locale: string): string => locale.toLowerCase().replace('_', '-');
const languageOf = (tag: string): string => tag.split('-', 1)[0] ?? '';
