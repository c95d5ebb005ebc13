/** Made by the build (see vite.config.ts). */
declare module 'icon:*' {
  import type { Icon } from '#renderer/ui/icon.tsx'

  const icon: Icon
  export default icon
}
