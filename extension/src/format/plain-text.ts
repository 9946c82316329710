/** Characters that change the direction or the look of the text around them, and control characters but tab and line end. */
const STEERING = /(?![\t\n])[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu;

/**
 * Text of a program or of somebody else's notebook as it can be shown beside ours: what would turn the direction of a line,
 * or cannot be seen, is written as `\u202e`.
 */
export const plainText = (text: string): string =>
  text.replace(STEERING, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
