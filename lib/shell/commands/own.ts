/** The commands of our own: those of the interpreter's package differ from what people know. */
import type { Command } from "just-bash";
import { base64 } from "../text/base64.ts";
import { column } from "../text/column.ts";
import { cut } from "../text/cut.ts";
import { head, tail } from "../text/head_tail.ts";
import { jq } from "./jq.ts";
import { ls } from "./ls.ts";
import { egrep, fgrep, grep } from "../text/grep.ts";
import { paste } from "../text/paste.ts";
import { sed } from "../text/sed.ts";
import { sort } from "../text/sort.ts";
import { tr } from "../text/tr.ts";
import { uniq } from "../text/uniq.ts";
import { wc } from "../text/wc.ts";
import { diff } from "./diff.ts";
import { yq } from "../yq/yq.ts";
import { xargs } from "./xargs.ts";

/** All of them. */
export const OWN: readonly Command[] = [
  base64,
  column,
  cut,
  diff,
  egrep,
  fgrep,
  grep,
  head,
  jq,
  ls,
  paste,
  sed,
  sort,
  tail,
  tr,
  uniq,
  wc,
  xargs,
  yq,
];
