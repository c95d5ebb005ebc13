/** The counter from the outside in: words, looks, the process behind it, the desk, and who may stand at it. */
import { MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import type { i18n } from 'i18next'
import { useState } from 'react'
import { I18nextProvider } from 'react-i18next'
import type { TerminalClient } from '#renderer/ui/client.ts'
import { HandsProvider } from '#renderer/ui/keys.tsx'
import { theme } from '#renderer/ui/theme.ts'
import { DeskProvider, useDesk } from './desk.tsx'
import { GoneBanner, Starting } from './entry/starting.tsx'
import { SetupScreen } from './entry/setup.tsx'
import { SignIn } from './entry/sign-in.tsx'
import { router } from './router.tsx'
import { TerminalProvider, useTerminal } from './terminal.tsx'

const queries = new QueryClient({ defaultOptions: { queries: { retry: 3, staleTime: 60_000, networkMode: 'always' } } })

export function App({ client, words }: { client: TerminalClient; words: i18n }) {
  return (
    <I18nextProvider i18n={words}>
      <MantineProvider theme={theme} defaultColorScheme="auto">
        <QueryClientProvider client={queries}>
          <Joined client={client} />
        </QueryClientProvider>
      </MantineProvider>
    </I18nextProvider>
  )
}

/** A counter that belongs to no shop yet is set up first. */
function Joined({ client }: { client: TerminalClient }) {
  const setup = useQuery({
    queryKey: ['setup'],
    queryFn: () => client.setup.state(),
    retry: true,
    retryDelay: 1_000,
  })
  if (!setup.data) return <Starting alive={setup.failureCount < 2} />
  if (!setup.data.enrolled)
    return <SetupScreen client={client} serverUrl={setup.data.serverUrl} onJoined={() => void setup.refetch()} />
  return (
    <TerminalProvider client={client} starting={(alive) => <Starting alive={alive} />}>
      <DeskProvider>
        <Counter />
        <GoneBanner />
      </DeskProvider>
    </TerminalProvider>
  )
}

function Counter() {
  const { status, alive } = useTerminal()
  const desk = useDesk()
  const [early, setEarly] = useState(false)
  const signedIn = status.staff !== null

  function onScan(text: string): void {
    if (!signedIn) return setEarly(true)
    void router.navigate({ to: '/' })
    desk.scan(text)
  }
  return (
    <HandsProvider onScan={onScan} deaf={!alive}>
      {signedIn ? <RouterProvider router={router} /> : <SignIn scannedEarly={early} />}
    </HandsProvider>
  )
}
