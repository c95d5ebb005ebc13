/** Unpacks the Chromium that comes from npm into TMPDIR, and prints where its program is. */
import chromium from '@sparticuz/chromium'

process.stdout.write(await chromium.executablePath())
