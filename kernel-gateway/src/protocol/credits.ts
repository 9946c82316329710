/** Where notebooks and courses say that something in them came from elsewhere, as `bpflab import` writes it. */
import { z } from 'zod';

const sourceSchema = z.object({
  repository: z.string(),
  commit: z.string().nullable().catch(null),
  license: z.string().catch(''),
  path: z.string().catch('')
});
const originSchema = z.object({ file: z.string().optional(), source_hash: z.string().optional() });
/** A notebook as far as it says what came from elsewhere; what is broken in it is left out. */
export const creditNotebookSchema = z.object({
  metadata: z
    .object({
      bpflab: z
        .object({
          source: sourceSchema.optional().catch(undefined),
          /** A notebook that somebody showed; the address of its page. */
          forked_from: z.object({ address: z.string() }).optional().catch(undefined),
          files: z.array(z.object({ path: z.string(), spdx: z.string().catch('') })).catch([])
        })
        .optional()
        .catch(undefined)
    })
    .catch({}),
  cells: z.array(
    z.object({
      metadata: z
        .object({
          bpflab: z
            .object({ lesson: originSchema.optional().catch(undefined) })
            .optional()
            .catch(undefined)
        })
        .catch({})
    })
  )
});
/** `course.json` of an import, as far as it says what came from elsewhere. */
export const creditCourseSchema = z.object({
  repository: z.string(),
  commit: z.string().nullable().catch(null),
  license: z.string().catch(''),
  files: z.record(z.string(), z.unknown()).catch({})
});

/** See `creditNotebookSchema`. */
export type CreditNotebook = z.output<typeof creditNotebookSchema>;
