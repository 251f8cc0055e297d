/** One small style sheet for all pages; system fonts and no assets, so that it works without a network. */
export const styles = `
:root { --ink: #1a1f36; --soft: #596171; --line: #dfe3eb; --paper: #fff; --ground: #f5f7fa; --accent: #4f46e5;
  --accent-dark: #3f37c9; --good: #0b6b3a; --good-bg: #e3f6ec; --warn: #8a4b00; --warn-bg: #fff1db; --bad: #a8102e;
  --bad-bg: #fde8ec; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; }
.ribbon { margin: 0; padding: .35rem 1rem; background: #ffe9b8; color: #5c3b00; text-align: center; font-size: .85rem; }
main { max-width: 64rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
.dashboard main { max-width: 84rem; }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; letter-spacing: -.01em; }
h2 { margin: 0 0 .75rem; font-size: 1.05rem; }
p { margin: 0 0 .75rem; }
a { color: var(--accent); }
.soft { color: var(--soft); font-size: .9rem; }
.price { margin: 0; font-size: 2.25rem; font-weight: 650; letter-spacing: -.02em; }
.price small { font-size: .95rem; font-weight: 400; letter-spacing: 0; color: var(--soft); }
.panel { margin: 0 0 1.25rem; padding: 1.5rem; background: var(--paper); border: 1px solid var(--line);
  border-radius: 12px; box-shadow: 0 1px 2px rgb(26 31 54 / 6%); }
.narrow { max-width: 30rem; margin-inline: auto; }
.columns { display: grid; gap: 2.5rem; align-items: start; grid-template-columns: minmax(0, 1fr); }
.account .columns { gap: 0 1.25rem; }
@media (min-width: 56rem) { .columns { grid-template-columns: minmax(0, 5fr) minmax(0, 6fr); }
  .account .columns { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .checkout .columns > :first-child { position: sticky; top: 2rem; } }
dl.sum { display: grid; grid-template-columns: 1fr auto; row-gap: .5rem; margin: 1.25rem 0; padding-top: 1.25rem;
  border-top: 1px solid var(--line); }
dl.sum dd { margin: 0; padding-left: 1rem; text-align: right; font-variant-numeric: tabular-nums; }
dl.sum .total { font-weight: 650; padding-top: .5rem; border-top: 1px solid var(--line); }
label { display: block; margin: 0 0 .25rem; font-weight: 550; font-size: .9rem; }
input[type=text], input[type=email], input[type=number], input[type=datetime-local], select { width: 100%; padding: .6rem .75rem; font: inherit;
  color: inherit; background: var(--paper); border: 1px solid #b8bfcc; border-radius: 8px; }
.field { margin: 0 0 1rem; }
:focus-visible { outline: 3px solid #a5b4fc; outline-offset: 1px; }
fieldset { margin: 0 0 1rem; padding: 0; border: 0; min-width: 0; }
legend { padding: 0; margin: 0 0 .5rem; font-weight: 550; font-size: .9rem; }
.choices { border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
.choice { display: grid; grid-template-columns: auto 1fr auto; gap: .75rem; align-items: center; margin: 0; padding: .6rem .75rem;
  font-weight: 400; cursor: pointer; border-top: 1px solid var(--line); }
.choice:first-child { border-top: 0; }
.choice:hover { background: #f8f9fc; }
.choice:has(:checked) { background: #eef0ff; }
.choice code { color: var(--soft); font-size: .82rem; white-space: nowrap; }
.choice small { display: block; color: var(--soft); }
@media (max-width: 30rem) { .choice { grid-template-columns: auto 1fr; } .choice code { grid-column: 2; } .panel { padding: 1.1rem; } }
button, .button { display: inline-block; padding: .6rem 1rem; font: inherit; font-weight: 600; color: #fff; background: var(--accent);
  border: 1px solid transparent; border-radius: 8px; cursor: pointer; text-decoration: none; text-align: center; }
button:hover, .button:hover { background: var(--accent-dark); }
button.wide { width: 100%; padding: .8rem; }
button.plain { color: var(--ink); background: var(--paper); border-color: #b8bfcc; }
button.plain:hover { background: #f0f2f7; }
button.danger { color: var(--bad); background: var(--paper); border-color: #e3b3bd; }
button.danger:hover { background: var(--bad-bg); }
.row { display: flex; flex-wrap: wrap; gap: .75rem; align-items: center; justify-content: space-between; }
.row form, .row p, .row h1, .row h2 { margin: 0; }
.panel > .row:first-child { margin-bottom: .75rem; }
section.notice { margin-bottom: 1.25rem; }
details > form { margin-top: .75rem; }
.stack > * + * { margin-top: .75rem; }
td button { padding: .15rem .6rem; font-size: .82rem; }
td form { margin: 0; }
.notice { padding: .75rem 1rem; border-radius: 8px; border: 1px solid; }
.notice.error { color: var(--bad); background: var(--bad-bg); border-color: #f3c2cc; }
.notice.success { color: var(--good); background: var(--good-bg); border-color: #b6e3c9; }
.badge { display: inline-block; padding: .05rem .5rem; border-radius: 99px; font-size: .78rem; font-weight: 600; white-space: nowrap;
  color: #414a5e; background: #e9ecf2; }
.badge.good { color: var(--good); background: var(--good-bg); }
.badge.warn { color: var(--warn); background: var(--warn-bg); }
.badge.bad { color: var(--bad); background: var(--bad-bg); }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th { text-align: left; color: var(--soft); font-weight: 550; font-size: .8rem; white-space: nowrap; }
th, td { padding: .5rem .75rem .5rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
code, pre { font: .82rem/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
td code { overflow-wrap: anywhere; }
td time { white-space: nowrap; font-variant-numeric: tabular-nums; }
pre { max-height: 24rem; margin: .5rem 0 0; padding: .75rem; overflow: auto; background: var(--ground); border-radius: 8px; }
summary { cursor: pointer; }
.clock { display: flex; flex-wrap: wrap; gap: 1rem 2rem; align-items: end; }
.clock form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; }
.clock .now { font-size: 1.5rem; font-weight: 650; font-variant-numeric: tabular-nums; margin: 0; }
.clock input { width: auto; }
nav.top { display: flex; gap: 1rem; flex-wrap: wrap; margin: 0 0 1.25rem; font-size: .9rem; }
.empty { color: var(--soft); margin: 0; }
`;
