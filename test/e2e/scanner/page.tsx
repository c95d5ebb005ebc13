/** A page of fields under the scanner, for the tests beside it. `window.log` holds what the page noticed, in order. */
import { useState } from 'react'
import { createRoot } from 'react-dom/client'
import { useScanner } from '#renderer/ui/scanner/use-scanner.ts'

declare global {
  interface Window {
    log: string[]
  }
}

window.log = []
const note = (entry: string): void => {
  window.log.push(entry)
}

function Page() {
  const [name, setName] = useState('')
  useScanner(
    (text) => note(`scan ${text}`),
    (character) => note(`typed ${character}`),
  )
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        note('submit')
      }}
    >
      <input id="name" value={name} onChange={(event) => setName(event.target.value)} />
      <output>{name}</output>
      <input id="amount" type="number" defaultValue="12" />
      <textarea id="note" defaultValue={'first\nsecond'} />
      <div id="rich" contentEditable suppressContentEditableWarning>
        one <b>two</b> three
      </div>
      <select id="tier" defaultValue="gold" onChange={(event) => note(`tier ${event.target.value}`)}>
        <option>gold</option>
        <option>Member</option>
      </select>
      <button id="pay">pay</button>
    </form>
  )
}

window.addEventListener('keydown', (event) => note(`key ${event.key}`))

const root = document.querySelector('main')
if (root !== null) createRoot(root).render(<Page />)
