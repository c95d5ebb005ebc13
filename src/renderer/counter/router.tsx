/** The counter's few places. The address stays in the hash, so that it is the same from a file, a server and Electron. */
import { createHashHistory, createRootRoute, createRoute, createRouter } from '@tanstack/react-router'
import { Home } from './home/home.tsx'
import { SettingsScreen } from './settings/settings.tsx'

const root = createRootRoute()
const home = createRoute({ getParentRoute: () => root, path: '/', component: Home })
const settings = createRoute({ getParentRoute: () => root, path: '/settings', component: SettingsScreen })

export const router = createRouter({
  routeTree: root.addChildren([home, settings]),
  history: createHashHistory(),
  defaultNotFoundComponent: Home,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
