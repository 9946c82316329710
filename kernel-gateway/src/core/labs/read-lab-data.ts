import { labCheckSchema, type LabCheck } from '../../protocol/index.js';
import type { LabData, LabStepFacts } from './lab.js';

/** Reads `lab.json`. A check that cannot be read is left out and told; no text makes it throw. */
export function readLabData(text: string): LabData {
  const problems: string[] = [];
  const data = objectOf(parse(text, problems));
  const steps = new Map<string, LabStepFacts>();
  for (const [id, step] of Object.entries(objectOf(data['steps']))) {
    const checks = objectOf(step)['checks'];
    steps.set(id, { checks: Array.isArray(checks) ? checks.flatMap(one => readCheck(one, id, problems)) : [] });
  }
  const ids = [...steps.values()].flatMap(step => step.checks.map(check => check.id));
  for (const id of new Set(ids.filter((one, index) => ids.indexOf(one) !== index))) {
    problems.push(`Two checks have the id "${id}".`);
  }
  return {
    next: textOf(data['next']),
    setup: scriptOf(data['setup']),
    cleanup: scriptOf(data['cleanup']),
    steps,
    problems
  };
}

function readCheck(value: unknown, step: string, problems: string[]): LabCheck[] {
  const parsed = labCheckSchema.safeParse(value);
  if (parsed.success) return [parsed.data];
  const id = textOf(objectOf(value)['id']) || '?';
  problems.push(`The check "${id}" of the step "${step}" cannot be read: it needs id, title and one condition.`);
  return [];
}

function parse(text: string, problems: string[]): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    problems.push(`lab.json is no JSON: ${(error as Error).message}`);
    return {};
  }
}

const objectOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
/** A script is a text, or a list of its lines. */
const scriptOf = (value: unknown): string => (Array.isArray(value) ? value.map(String).join('\n') : textOf(value));
