import { parseJson } from '../decode/parse-json.js';

interface LabMetadata {
  metadata?: { bpflab?: { lab?: unknown; language?: unknown } };
}

/** The lab that a notebook (nbformat 4, as text) was made of, and its language; null when it is of none. */
export function labOrigin(notebook: string): { lab: string; language: string } | null {
  const { lab, language } = (parseJson(notebook) as LabMetadata | null)?.metadata?.bpflab ?? {};
  return typeof lab === 'string' && typeof language === 'string' ? { lab, language } : null;
}
