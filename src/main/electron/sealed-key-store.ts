/** The terminal's private key, sealed by the system's own keyring (DPAPI, Keychain, Secret Service). */
import { safeStorage } from 'electron'
import { type KeyStore, fileKeyStore, readOwnerOnly, writeOwnerOnly } from '#main/keys/key-store.ts'

/**
 * Call after the application is ready. A Linux without a keyring has nothing to seal with (what it offers instead is a
 * password known to all): there an owner-only file does the same as in the browser host. A key once sealed is never
 * taken for missing: if the keyring is gone, loading rejects.
 */
export function sealedKeyStore(path: string): KeyStore {
  const sealed = `${path}.sealed`
  const plain = fileKeyStore(path)
  return {
    async load() {
      const bytes = await readOwnerOnly(sealed)
      if (bytes === null) return plain.load()
      if (!canSeal()) throw new Error('The terminal’s key is sealed by a system keyring that is locked or not there.')
      return Buffer.from(safeStorage.decryptString(bytes), 'base64')
    },
    save: (bytes) =>
      canSeal() ? writeOwnerOnly(sealed, safeStorage.encryptString(bytes.toString('base64'))) : plain.save(bytes),
  }
}

function canSeal(): boolean {
  if (!safeStorage.isEncryptionAvailable()) return false
  return process.platform !== 'linux' || safeStorage.getSelectedStorageBackend() !== 'basic_text'
}
