/** Parsing in bulk. */
import { z } from 'zod'

/** Compiling a large schema takes as long as some hundreds of parses by it as it is. */
const COMPILED_AFTER = 300

/** Parses by a schema: by compiled code, once it has turned out that there is much to parse. */
export function bulkParser<S extends z.ZodType>(schema: S): (input: unknown) => z.ZodSafeParseResult<z.output<S>> {
  let parser = schema
  let parses = 0
  return (input) => {
    parses += 1
    if (parses === COMPILED_AFTER) parser = z.compile(schema)
    return parser.safeParse(input)
  }
}
