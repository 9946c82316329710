/** Style of a published page: light and dark by the reader's setting, one column, and one screen a slide. */
export const pageStyle = `
:root { color-scheme: light dark; --text: #1b1f24; --quiet: #57606a; --line: #d0d7de; --back: #fff; --box: #f6f8fa; --accent: #0b6bcb; --bad: #b3261e;
  --tok-keyword: #8250df; --tok-string: #0a6b3d; --tok-comment: #6a737d; --tok-number: #0550ae; --tok-type: #953800; --tok-meta: #6f42c1; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e6e6; --quiet: #a0a7b0; --line: #3d444d; --back: #111417; --box: #1c2127; --accent: #4c9be8; --bad: #ff8a80;
  --tok-keyword: #d2a8ff; --tok-string: #7ee2a8; --tok-comment: #9199a3; --tok-number: #79c0ff; --tok-type: #ffb77c; --tok-meta: #d2a8ff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.6 system-ui, "Noto Sans CJK SC", sans-serif; }
body.page main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1, h2, h3, h4 { line-height: 1.25; margin: 1.6em 0 0.5em; }
h4 { margin: 0.4em 0; font-size: 1em; }
a { color: var(--accent); }
img, svg { max-width: 100%; height: auto; }
pre, code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 0.875em; }
pre { overflow: auto; margin: 0.5em 0; line-height: 1.45; white-space: pre; tab-size: 4; }
pre.code, .text pre { background: var(--box); border: 1px solid var(--line); border-radius: 4px; padding: 0.75em 1em; }
.cell { margin: 1.25em 0; }
.output { margin: 0.5em 0 0.5em 1em; }
.stream { max-height: 40rem; }
.stderr { border-left: 3px solid var(--bad); padding-left: 0.75em; }
.view, .diagnosis { border-left: 3px solid var(--line); padding-left: 0.75em; }
.diagnosis { border-color: var(--bad); }
.note { color: var(--quiet); font-size: 0.875em; margin: 0.25em 0; }
.rows { overflow: auto; max-height: 30rem; }
table { border-collapse: collapse; font-size: 0.875em; }
th, td { padding: 0.2em 0.75em; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; white-space: pre-wrap; }
th { white-space: nowrap; }
th small { color: var(--quiet); font-weight: normal; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tr.wrong td { color: var(--bad); }
figure { margin: 0.5em 0; }
figcaption, summary { color: var(--quiet); font-size: 0.875em; }
svg .axis { font-size: 12px; fill: var(--text); }
svg .bar { fill: var(--accent); }
svg .frame { fill: #f0a860; } svg .frame-kernel { fill: #e88c7d; } svg .frame-process { fill: #b9c4d0; }
svg .frame-name { font: 11px ui-monospace, monospace; fill: #1b1f24; }
.ansi-bold { font-weight: bold; } .ansi-red { color: var(--bad); } .ansi-green { color: var(--tok-string); } .ansi-yellow { color: var(--tok-type); }
.ansi-blue { color: var(--accent); } .ansi-magenta { color: var(--tok-keyword); } .ansi-cyan { color: var(--tok-number); }
.tok-keyword { color: var(--tok-keyword); } .tok-string, .tok-string2 { color: var(--tok-string); } .tok-comment { color: var(--tok-comment); }
.tok-number, .tok-literal, .tok-bool { color: var(--tok-number); } .tok-typeName, .tok-className { color: var(--tok-type); } .tok-meta, .tok-macroName { color: var(--tok-meta); }
body.slides { font-size: 22px; overflow: hidden; }
.slide { display: none; height: 100vh; overflow: auto; padding: 4vh 6vw 12vh; }
.slide.shown { display: block; }
.slide > :first-child h1, .slide > :first-child h2 { margin-top: 0; }
.notes { display: none; }
nav { position: fixed; right: 1rem; bottom: 0.75rem; display: flex; gap: 0.5rem; align-items: center; color: var(--quiet); font-size: 1rem; }
nav button { font: inherit; color: inherit; background: var(--back); border: 1px solid var(--line); border-radius: 4px; min-width: 2.25rem; }
@media print { .slide { display: block; height: auto; page-break-after: always; overflow: visible; } nav { display: none; } body.slides { overflow: visible; font-size: 16px; }
  .stream, .rows { max-height: none; } pre { white-space: pre-wrap; } .cell, tr, figure { break-inside: avoid-page; } }
`;
