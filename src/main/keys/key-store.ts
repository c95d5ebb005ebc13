/** Where a terminal keeps its Ed25519 private key: sealed by the system in Electron, in an owner-only file elsewhere. */
import { chmod, mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

export type KeyStore = {
  /** The key's bytes as they were saved, or null if none ever was. Rejects when there is one that cannot be read. */
  load(): Promise<Buffer | null>
  save(bytes: Buffer): Promise<void>
}

/** Keeps the bytes in a file that only this account may read. */
export function fileKeyStore(path: string): KeyStore {
  return {
    load: () => readOwnerOnly(path),
    save: (bytes) => writeOwnerOnly(path, bytes),
  }
}

/** The file's bytes, or null if there is none; its mode is put right should a copy have loosened it. */
export async function readOwnerOnly(path: string): Promise<Buffer | null> {
  try {
    const bytes = await readFile(path)
    await chmod(path, 0o600)
    return bytes
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/** Replaces the file whole or not at all, whatever the power does. */
export async function writeOwnerOnly(path: string, bytes: Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.new`
  const file = await open(draft, 'w', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
}
