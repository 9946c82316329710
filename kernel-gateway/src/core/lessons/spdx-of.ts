const IDENTIFIER = /SPDX-License-Identifier:[ \t]*([^\n]*)/;

/** SPDX expression that a file states in its first lines; empty when it states none. */
export function spdxOf(text: string): string {
  const found = IDENTIFIER.exec(text.slice(0, 4096))?.[1] ?? '';
  return found
    .replace(/(\*\/|-->|\*+\s*$).*$/, '')
    .trim()
    .slice(0, 100);
}

const licenses: readonly (readonly [RegExp, string])[] = [
  [/Apache License\s+Version 2\.0/, 'Apache-2.0'],
  [/GNU LESSER GENERAL PUBLIC LICENSE/, 'LGPL'],
  [/GNU GENERAL PUBLIC LICENSE\s+Version 2/, 'GPL-2.0'],
  [/GNU GENERAL PUBLIC LICENSE\s+Version 3/, 'GPL-3.0'],
  [/Neither the name of[\s\S]*Redistributions|Redistributions[\s\S]*Neither the name of/, 'BSD-3-Clause'],
  [/Redistribution and use in source and binary forms/, 'BSD-2-Clause'],
  [/Permission is hereby granted, free of charge/, 'MIT']
];

/** Licence by the words of a LICENSE file; empty when they are none that is known. */
export function licenseOf(text: string): string {
  const head = text.slice(0, 20_000);
  return spdxOf(head) || (licenses.find(([pattern]) => pattern.test(head))?.[1] ?? '');
}
