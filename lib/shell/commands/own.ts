/** The commands of our own: those of the interpreter's package differ from what people know. */
import type { Command } from "just-bash";
import { column } from "../text/column.ts";
import { cut } from "../text/cut.ts";
import { head, tail } from "../text/head_tail.ts";
import { jq } from "./jq.ts";
import { paste } from "../text/paste.ts";
import { sort } from "../text/sort.ts";
import { uniq } from "../text/uniq.ts";
import { wc } from "../text/wc.ts";
import { xargs } from "./xargs.ts";

/** All of them. */
export const OWN: readonly Command[] = [column, cut, head, jq, paste, sort, tail, uniq, wc, xargs];
