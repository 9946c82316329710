const CHINESE = String.raw`[\u3000-\u303f\p{Script=Han}\uff00-\uffef]`;
const ENDS = new RegExp(`^(?![#|]|<!--).*${CHINESE}$`, 'u');
const GOES_ON = new RegExp(`^\\s*(?=${CHINESE})`, 'u');
const FENCE = /^\s*(```|~~~)/;

/**
 * Markdown whose Chinese sentences are not parted by the line breaks of the file: a browser shows each as a space, which Chinese
 * has not between its words. Headings, tables and fences stay as they are.
 */
export function joinChineseLines(markdown: string): string {
  const joined: string[] = [];
  let isFenced = false;
  for (const line of markdown.split('\n')) {
    const last = joined.at(-1);
    const isFence = FENCE.test(line);
    if (!isFenced && !isFence && last !== undefined && ENDS.test(last) && GOES_ON.test(line)) {
      joined[joined.length - 1] = last + line.trimStart();
    } else joined.push(line);
    isFenced = isFence !== isFenced;
  }
  return joined.join('\n');
}
