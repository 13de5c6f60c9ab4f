import { z } from "zod";
import { ROLES } from "../../rules/access/mod.ts";

const texts = z.array(z.string()).nullable();

/** Rights as they are stored. */
export const rightsSchema = z.object({
  role: z.enum(ROLES),
  scopes: texts,
  tenant: z.string().nullable(),
  workflows: texts,
  tags: texts,
});
