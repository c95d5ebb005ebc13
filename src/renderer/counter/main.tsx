import '@mantine/core/styles.css'
import '@fontsource-variable/noto-sans-tc'
import '#renderer/ui/base.css'
import { createRoot } from 'react-dom/client'
import { connectTerminal } from '#renderer/ui/client.ts'
import { createWords } from '#renderer/ui/language.ts'
import { App } from './app.tsx'

const root = document.getElementById('root')
if (!root) throw new Error('the page has no #root')
const [client, words] = await Promise.all([connectTerminal(), createWords('zh-TW')])
createRoot(root).render(<App client={client} words={words} />)
