import { functionText } from '../session/c-definition.js';
import type { LanguageFacts } from './language-facts.js';

/** Prototype of a kernel function as C, from the kernel's BTF; empty when it has none of that name. */
export function kernelFunctionText({ kernel }: LanguageFacts, name: string): string {
  const prototype = kernel?.prototype(name);
  if (!kernel || !prototype) return '';
  try {
    return functionText(kernel, prototype);
  } catch {
    return '';
  }
}
