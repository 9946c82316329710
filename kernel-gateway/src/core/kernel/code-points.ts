/** Jupyter counts cursor positions in Unicode code points, JavaScript in UTF-16 units; both directions clamp to the text. */

/** UTF-16 index of code point number `codePoints` of `text`. */
export function toUtf16Index(text: string, codePoints: number): number {
  let index = 0;
  for (let left = codePoints; left > 0 && index < text.length; left--) {
    index += text.codePointAt(index)! > 0xffff ? 2 : 1;
  }
  return index;
}

/** Number of code points in front of UTF-16 index `index` of `text`. */
export function toCodePoints(text: string, index: number): number {
  const end = Math.min(index, text.length);
  let count = 0;
  for (let at = 0; at < end; count++) at += text.codePointAt(at)! > 0xffff ? 2 : 1;
  return count;
}
