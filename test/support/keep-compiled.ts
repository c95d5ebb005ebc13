/** Keeps what a process has compiled for the next one like it, early: a process that is killed keeps nothing itself. */
import { flushCompileCache } from 'node:module'

const STARTED_MS = 2_000

setTimeout(flushCompileCache, STARTED_MS).unref()
