import { realpathSync, readFileSync, statSync } from 'node:fs';
import { extname, resolve, sep } from 'node:path';
import { parser } from '@lezer/cpp';
import { classHighlighter, highlightCode } from '@lezer/highlight';
import { marked } from 'marked';
import sanitizeHtml from 'sanitize-html';
import { escapeText } from '../../core/publish/markup.js';
import type { IPageText } from '../../core/publish/published-notebook.js';

/** Images by the end of their name; what else a page shows is text. */
const imageTypes: Record<string, string> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.svg': 'image/svg+xml'
};
const MAX_IMAGE_BYTES = 20 * 1024 * 1024;
const DATA_IMAGE = /^data:image\/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=]+$/;

/** Texts of a notebook's page. Images beside the notebook (in its folder or below) are put into the page; others are not loaded. */
export function pageText(folder: string): IPageText {
  const options = sanitizing(realpathSync(folder));
  const sanitize = (html: string): string => sanitizeHtml(html, options);
  return {
    sanitize,
    markdown: text => sanitize(marked.parse(text, { async: false, gfm: true })),
    code: highlightC
  };
}

function sanitizing(folder: string): sanitizeHtml.IOptions {
  const more = ['img', 'details', 'summary', 'del', 'ins', 'input'];
  return {
    allowedTags: [...sanitizeHtml.defaults.allowedTags, ...more],
    allowedAttributes: {
      a: ['href', 'title'],
      img: ['src', 'alt', 'title', 'width', 'height'],
      th: ['align', 'colspan', 'rowspan'],
      td: ['align', 'colspan', 'rowspan'],
      ol: ['start'],
      input: ['type', 'checked', 'disabled']
    },
    allowedSchemes: ['http', 'https', 'mailto'],
    allowedSchemesByTag: { img: ['data'] },
    allowProtocolRelative: false,
    transformTags: {
      img: (_, attributes) => ({ tagName: 'img', attribs: embedded(attributes, folder) }),
      // A task list's boxes are marked's; no other field has a place in a page.
      input: (_, { checked }) => ({
        tagName: 'input',
        attribs: { type: 'checkbox', disabled: '', ...(checked === undefined ? {} : { checked: '' }) }
      })
    }
  };
}

function embedded(attributes: Record<string, string>, folder: string): Record<string, string> {
  const { src = '', ...others } = attributes;
  if (DATA_IMAGE.test(src)) return attributes;
  const data = imageData(src, folder);
  return data === null
    ? { ...others, alt: [others['alt'] ?? '', src].filter(text => text !== '').join(' – ') }
    : { ...others, src: data };
}

/** A file of the folder as a data URL; null when it is no image, outside of the folder, or not there. */
function imageData(source: string, folder: string): string | null {
  const type = imageTypes[extname(source).toLowerCase()];
  if (type === undefined || /^[a-z]+:/i.test(source)) return null;
  try {
    const path = realpathSync(resolve(folder, decodeURIComponent(source)));
    if (!path.startsWith(folder + sep) || statSync(path).size > MAX_IMAGE_BYTES) return null;
    return `data:${type};base64,${readFileSync(path).toString('base64')}`;
  } catch {
    return null;
  }
}

function highlightC(text: string): string {
  let html = '';
  highlightCode(
    text,
    parser.parse(text),
    classHighlighter,
    (code, classes) =>
      (html += classes === '' ? escapeText(code) : `<span class="${classes}">${escapeText(code)}</span>`),
    () => (html += '\n')
  );
  return html;
}
