import { normalizePath } from './normalize-path.js';

/** Where links of a text lead to. */
export interface LinkPlaces {
  /** Path in the repository of the folder that the text is in. */
  folder: string;
  /** Path of the folder that the notebook is in, in the same tree. */
  notebookFolder: string;
  /** `owner/name` of the repository; empty when it is not known. */
  repository: string;
  /** Path of the notebook that a text of the repository became; null for all other files. */
  notebookOf: (path: string) => string | null;
  /** Whether the clone has that file. */
  has: (path: string) => boolean;
}

const TARGET = /(\]\(\s*<?|<img\b[^>]*?\bsrc=["']|<a\b[^>]*?\bhref=["'])([^)\s"'<>]+)/g;

/**
 * Text with its links made to work beside the notebook: a text that became a notebook is linked as one, a raw link to the
 * same repository as the file of the clone. `files` are the files of the clone that the text shows or links to.
 */
export function rewriteLinks(raw: string, places: LinkPlaces): { raw: string; files: string[] } {
  const files: string[] = [];
  const text = raw.replace(TARGET, (whole: string, before: string, target: string) => {
    const [link = '', anchor = ''] = target.split(/(?=#)/, 2);
    const path = pathOf(link, places);
    if (path === null || path === '') return whole;
    const notebook = places.notebookOf(path);
    if (notebook !== null) return before + relative(places.notebookFolder, notebook) + anchor;
    if (!places.has(path)) return whole;
    files.push(path);
    return before + relative(places.notebookFolder, path) + anchor;
  });
  return { raw: text, files };
}

/** Path in the repository that a link leads to; null when it leads out of it or to another place. */
function pathOf(link: string, { folder, repository }: LinkPlaces): string | null {
  const raw =
    /^https?:\/\/raw\.githubusercontent\.com\/([^/]+\/[^/]+)\/(?:refs\/heads\/)?[^/]+\/(.+)$/.exec(link) ??
    /^https?:\/\/github\.com\/([^/]+\/[^/]+)\/raw\/(?:refs\/heads\/)?[^/]+\/(.+)$/.exec(link) ??
    /^https?:\/\/github\.com\/([^/]+\/[^/]+)\/blob\/[^/]+\/(.+\.(?:png|jpe?g|gif|svg|webp))(?:\?raw=true)?$/i.exec(
      link
    );
  if (raw) return raw[1]!.toLowerCase() === repository.toLowerCase() ? decoded(raw[2]!.replace(/\?.*$/, '')) : null;
  if (/^([a-z][\w+.-]*:|\/|#|$)/i.test(link)) return null;
  return decoded(folder === '' ? link : `${folder}/${link}`);
}

const decoded = (path: string): string | null => normalizePath(path.replace(/%20/g, ' '));

function relative(from: string, to: string): string {
  const [a, b] = [from.split('/').filter(Boolean), to.split('/')];
  let shared = 0;
  while (shared < a.length && shared < b.length - 1 && a[shared] === b[shared]) shared++;
  return [...a.slice(shared).map(() => '..'), ...b.slice(shared)].join('/').replaceAll(' ', '%20');
}
