declare module 'express-pouchdb' {
  import type { RequestHandler } from 'express'

  export default function expressPouchDB(store: object, options: { mode: string; logPath: string }): RequestHandler
}
