/** The outbox page's looks: a chat on the shop's screen. Bubbles keep LINE's own colours in both schemes. */
export const outboxStyle = `
:root{color-scheme:light dark;--ground:#eef1f5;--paper:#fff;--ink:#1c2126;--quiet:#56606b;--accent:#0f766e;--warn:#8a4b08;--warn-ground:#fdf1df;--bad:#b42318;
font:16px/1.5 system-ui,-apple-system,"PingFang TC","Noto Sans TC","Microsoft JhengHei",sans-serif}
@media (prefers-color-scheme:dark){:root{--ground:#15181c;--paper:#22272d;--ink:#eef0f2;--quiet:#a5adb6;--accent:#5eead4;--warn:#f6c177;--warn-ground:#3a2c17;--bad:#ff9b8f}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink)}
.page{max-width:760px;margin:0 auto;padding:16px 20px 48px}
header{display:flex;align-items:center;justify-content:space-between;gap:16px}
h1{font-size:1.25rem;margin:0}
h1 small{font-weight:400;color:var(--quiet);font-size:1rem;margin-left:8px}
a{color:var(--accent);display:inline-flex;align-items:center;min-height:44px;padding:0 8px;text-underline-offset:3px}
.banner{margin:8px 0 20px;padding:12px 16px;border-radius:12px;background:var(--paper)}
.banner.dry{background:var(--warn-ground);color:var(--warn)}
.counts{display:flex;flex-wrap:wrap;gap:8px;margin:0 0 20px;padding:0;list-style:none}
.counts li{background:var(--paper);border-radius:12px;padding:8px 16px;min-width:120px}
.counts b{display:block;font-size:1.5rem;line-height:1.2;font-variant-numeric:tabular-nums}
.counts span{color:var(--quiet);font-size:.875rem}
.empty{text-align:center;padding:15vh 16px;color:var(--quiet)}
.empty strong{display:block;color:var(--ink);font-size:1.125rem}
article{display:grid;grid-template-columns:40px minmax(0,1fr);gap:4px 12px;margin-bottom:24px}
.avatar{width:40px;height:40px;border-radius:50%;display:grid;place-items:center;background:#0f766e;color:#fff;font-weight:650}
.head{align-self:center;display:flex;flex-wrap:wrap;gap:0 12px;align-items:baseline}
.head strong{font-weight:650}
.head time,.meta{color:var(--quiet);font-size:.875rem;font-variant-numeric:tabular-nums}
.messages,.meta{grid-column:2}
.meta{display:flex;flex-wrap:wrap;gap:2px 12px;margin:6px 0 0}
.chip{display:inline-flex;align-items:center;gap:6px;font-weight:600}
.chip::before{content:"";width:10px;height:10px;border-radius:50%;border:2px solid currentcolor}
.chip.sent{color:var(--accent)}.chip.sent::before{background:currentcolor}
.chip.pending{color:var(--warn)}.chip.pending::before{border-style:dotted}
.chip.dead{color:var(--bad)}.chip.dead::before{border-radius:0;background:currentcolor}
.bubble{max-width:260px;background:#fff;border-radius:4px 16px 16px 16px;overflow:hidden;box-shadow:0 1px 2px rgb(0 0 0/8%),0 6px 18px rgb(0 0 0/6%);line-height:1.4}
.bubble.mega{max-width:300px}
.bubble>.box{padding:16px}
.bubble>.box:not(:first-child){padding:10px 16px}
.box{display:flex}
.vertical{flex-direction:column}
.horizontal,.baseline{align-items:baseline}
.gap-xs{gap:2px}.gap-sm{gap:4px}.gap-md{gap:8px}.gap-lg{gap:12px}.gap-xl{gap:16px}.gap-xxl{gap:20px}
.bubble hr{width:100%;margin:0;border:0;border-top:1px solid}
.text{overflow-wrap:anywhere}
.size-xxs{font-size:11px}.size-xs{font-size:13px}.size-sm{font-size:14px}.size-md{font-size:16px}.size-lg{font-size:18px}.size-xl{font-size:22px}.size-xxl{font-size:27px}
.bold{font-weight:700}
.align-end{text-align:end}.align-center{text-align:center}
.horizontal>.text,.baseline>.text{flex:1 1 0}
.horizontal>.flex-2,.baseline>.flex-2{flex-grow:2}
.horizontal>.flex-3,.baseline>.flex-3{flex-grow:3}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
`

/** Brings the list up to date without moving what is being read. */
export const outboxScript = `
const own = 'nonce="' + document.currentScript.nonce + '"'
setInterval(async () => {
  try {
    const text = (await (await fetch(location.href)).text()).replaceAll(/nonce="[^"]*"/g, own)
    const page = new DOMParser().parseFromString(text, 'text/html')
    const [now, next] = [document.querySelector('main'), page.querySelector('main')]
    if (now && next && now.innerHTML !== next.innerHTML) {
      document.querySelector('#colours').textContent = page.querySelector('#colours').textContent
      now.replaceWith(next)
    }
  } catch {}
}, 3000)
`
