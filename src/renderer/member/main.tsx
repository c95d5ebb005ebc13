import './member.css'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { memberApi } from './api.ts'
import { claimTokenIn } from './claim-token.ts'

const root = document.getElementById('root')
if (!root) throw new Error('the page has no #root')
createRoot(root).render(<App api={memberApi(location.origin)} token={claimTokenIn(location.href)} />)
