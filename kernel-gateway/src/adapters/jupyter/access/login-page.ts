/** The page for a browser without a token. Self-contained: nothing else is served to strangers. */

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;margin:0;display:grid;place-items:center;min-height:100vh;
background:#fff;color:#212121}form{max-width:26rem;padding:2rem}h1{font-size:1.3rem;margin:0 0 .5rem}
input,button{font:inherit;padding:.4rem .6rem;box-sizing:border-box;width:100%;margin-top:.6rem}
code{background:#8882;padding:0 .2em}[role=alert]{color:#b71c1c}
@media(prefers-color-scheme:dark){body{background:#111;color:#e0e0e0}[role=alert]{color:#ff8a80}}`;

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);

/** HTML of the login page; `next` is the local address to go to afterwards. */
export function loginPage(options: { action: string; next: string; isWrong: boolean }): string {
  const alert = options.isWrong ? '<p role="alert">This is not the token of the server that runs now.</p>' : '';
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>bpflab: token</title>
<meta name="viewport" content="width=device-width"><style>${STYLE}</style></head><body>
<form method="post" action="${escapeHtml(options.action)}"><h1>bpflab needs its token</h1>
<p>Open the address that <code>npm start</code> has printed: it ends in <code>?token=…</code>. Or put the token here.</p>
${alert}<input type="hidden" name="next" value="${escapeHtml(options.next)}">
<label>Token<input name="token" type="password" autocomplete="current-password" autofocus required></label>
<button>Open</button></form></body></html>`;
}
