/**
 * The project's own lint rules, beside Deno's recommended ones; `deno.json` names this file under
 * `lint.plugins`. A rule is switched off for one line by `// deno-lint-ignore kubecode/<rule>` with
 * the reason behind it.
 */

type RuleContext = Deno.lint.RuleContext;
type Rule = Deno.lint.Rule;

const ROOT = slashes(import.meta.dirname ?? "").replace(/\/scripts$/, "/");

/** Methods of `console` that write to standard output. */
const STDOUT_METHODS: ReadonlySet<string> = new Set(
  "log info debug dir dirxml table group groupCollapsed count timeLog timeEnd".split(" "),
);

/** A union of strings says the same as an enum, is erased, and compares by value. */
const noEnum: Rule = {
  create: (context) => ({
    TSEnumDeclaration(node) {
      context.report({
        node,
        message: "An enum leaves code behind and names that only it knows.",
        hint: 'Use a union of strings: type Level = "low" | "high".',
      });
    },
  }),
};

/** A default export has a new name in each file that imports it. */
const noDefaultExport: Rule = {
  create(context) {
    const report = (node: Deno.lint.Node) =>
      context.report({
        node,
        message: "A default export has no name of its own.",
        hint: "Export it by its name.",
      });
    return {
      ExportDefaultDeclaration: report,
      ExportSpecifier(node) {
        if (nameOf(node.exported) === "default") report(node);
      },
    };
  },
};

/** A file that only re-exports hides where things are and makes cycles. */
const noBarrel: Rule = {
  create: (context) => ({
    Program(program) {
      const isReExport = (node: Deno.lint.Node) =>
        node.type === "ExportAllDeclaration" ||
        (node.type === "ExportNamedDeclaration" && node.declaration === null);
      const own = program.body.some((node) =>
        node.type !== "ImportDeclaration" && !isReExport(node)
      );
      const first = program.body.find(isReExport);
      if (first !== undefined && !own) {
        context.report({
          node: first,
          message: "A file that only re-exports hides where things are.",
          hint: "Import from the file that declares them.",
        });
      }
    },
  }),
};

/** Packages by their names in the import map of deno.json, `node:` and relative paths. */
const importSpecifier: Rule = {
  create(context) {
    const check = (source: Deno.lint.Node | null) => {
      if (source?.type !== "Literal" || typeof source.value !== "string") return;
      const problem = specifierProblem(source.value);
      if (problem !== undefined) context.report({ node: source, ...problem });
    };
    return {
      ImportDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
    };
  },
};

/** In `lib/`, standard output belongs to the protocol. */
const noStdout: Rule = inLib((context) => ({
  MemberExpression(node) {
    const method = nameOf(node.property);
    if (nameOf(node.object) !== "console" || !STDOUT_METHODS.has(method ?? "")) return;
    context.report({
      node,
      message: `console.${method} writes to standard output, which belongs to the protocol.`,
      hint: "Log by the Logger of lib/log.ts, or return the text to who prints it.",
    });
  },
}));

/** In `lib/`, only the command line ends the process: resources are closed on the way out. */
const noExit: Rule = inLib((context) => ({
  MemberExpression(node) {
    const owner = nameOf(node.object);
    if ((owner !== "Deno" && owner !== "process") || nameOf(node.property) !== "exit") return;
    context.report({
      node,
      message: `${owner}.exit leaves nobody a chance to clean up.`,
      hint: "Throw an error of lib/errors.ts, or return the exit code to main.ts.",
    });
  },
}));

/** What is exported is read by others: it has a JSDoc. */
const exportsDocumented: Rule = {
  create: (context) => ({
    ExportNamedDeclaration(node) {
      if (node.declaration === null || node.declaration === undefined) return;
      if (isLaterOverload(node) || isDocumented(context, node)) return;
      const name = declaredName(node.declaration);
      context.report({
        range: [node.range[0], node.declaration.range[0] + 1],
        message: `Exported ${name === undefined ? "symbol" : `"${name}"`} has no JSDoc.`,
        hint: "Say above it what it does, its units, and what it throws.",
      });
    },
  }),
};

/** The most lines of a function of the program. A file may be as long as its one idea is. */
const FUNCTION_LINES = 80;

/** What does not fit on two screens is not held in the head. */
const functionLength: Rule = inLib((context) => {
  const check = (node: Deno.lint.Node) => {
    const lines = context.sourceCode.text.slice(...node.range).split("\n").length;
    if (lines <= FUNCTION_LINES) return;
    context.report({
      range: [node.range[0], node.range[0] + 1],
      message: `A function of ${lines} lines, more than ${FUNCTION_LINES}.`,
      hint: "Name its parts as functions of their own.",
    });
  };
  return {
    FunctionDeclaration: check,
    FunctionExpression: check,
    ArrowFunctionExpression: check,
  };
});

/** The longest line of a script in a test. */
const SCRIPT_LINE = 130;

/** The formatter leaves templates as they are, and a script in one long line is read by nobody. */
const scriptLine: Rule = {
  create(context) {
    if (!slashes(context.filename).startsWith(`${ROOT}tests/`)) return {};
    const { text } = context.sourceCode;
    return {
      TemplateLiteral({ range: [start, end] }) {
        if (!/\bk8s\./.test(text.slice(start, end))) return;
        const lines = text.slice(text.lastIndexOf("\n", start) + 1, end).split("\n");
        if (lines.every(({ length }) => length <= SCRIPT_LINE)) return;
        context.report({
          range: [start, start + 1],
          message: `A line of a script of more than ${SCRIPT_LINE} characters.`,
          hint: "Write the script in several lines, as js`…` of tests/support/script.ts.",
        });
      },
    };
  },
};

/** What is bundled into the realm of scripts, besides types. */
const REALM = ["lib/eval/realm/", "lib/names/", "lib/sdk_guide/", "lib/std/nearest.ts"]
  .map((place) => ROOT + place);

const REGEXP_METHODS: ReadonlySet<string> = new Set("test exec match matchAll search".split(" "));
const STRING_METHODS: ReadonlySet<string> = new Set("replace replaceAll split".split(" "));

/** In the realm, a method that takes a regular expression asks `RegExp.prototype`, which a script may change. */
const realmRegExp: Rule = {
  create(context) {
    const file = slashes(context.filename);
    if (!REALM.some((place) => file.startsWith(place))) return {};
    return {
      CallExpression(node) {
        if (node.callee.type !== "MemberExpression") return;
        const method = nameOf(node.callee.property) ?? "";
        const [first] = node.arguments;
        const plain = first?.type === "Literal" && typeof first.value === "string";
        if (!REGEXP_METHODS.has(method) && (!STRING_METHODS.has(method) || plain)) return;
        context.report({
          node,
          message: `${method}() looks up what a script may have put on RegExp.prototype.`,
          hint: "Use execOf or replaceAll of lib/std/regexp.ts; replace and split take texts only.",
        });
      },
    };
  },
};

const plugin: Deno.lint.Plugin = {
  name: "kubecode",
  rules: {
    "no-enum": noEnum,
    "no-default-export": noDefaultExport,
    "no-barrel": noBarrel,
    "import-specifier": importSpecifier,
    "no-stdout": noStdout,
    "no-exit": noExit,
    "exports-documented": exportsDocumented,
    "function-length": functionLength,
    "script-line": scriptLine,
    "realm-regexp": realmRegExp,
  },
};

// deno-lint-ignore kubecode/no-default-export -- Deno loads a plugin by its default export
export default plugin;

function specifierProblem(specifier: string): { message: string; hint: string } | undefined {
  if (/^(?:jsr|https?):/.test(specifier)) {
    return {
      message:
        `Import from "${specifier}": only npm packages, node: and relative paths are allowed.`,
      hint: "Locked-down networks reach no other registry; look for the package on npm.",
    };
  }
  if (specifier.startsWith("npm:")) {
    return {
      message: `Import from "${specifier}": a package's version stands in deno.json alone.`,
      hint: 'Name it under "imports" in deno.json, and import it by that name.',
    };
  }
}

function inLib(create: (context: RuleContext) => Deno.lint.LintVisitor): Rule {
  return {
    create: (context) => slashes(context.filename).startsWith(`${ROOT}lib/`) ? create(context) : {},
  };
}

function slashes(path: string): string {
  return path.replaceAll("\\", "/");
}

function nameOf(node: Deno.lint.Node): string | undefined {
  if (node.type === "Identifier") return node.name;
  if (node.type === "Literal" && typeof node.value === "string") return node.value;
}

/** By a JSDoc of its own, or of the block of constants (no blank line) in which it stands. */
function isDocumented(context: RuleContext, node: Deno.lint.ExportNamedDeclaration): boolean {
  if (hasDoc(context, node)) return true;
  const before = exportBefore(node);
  return before?.declaration?.type === "VariableDeclaration" &&
    node.declaration?.type === "VariableDeclaration" &&
    !/\n\s*\n/.test(context.sourceCode.text.slice(before.range[1], node.range[0])) &&
    isDocumented(context, before);
}

function hasDoc(context: RuleContext, node: Deno.lint.Node): boolean {
  const source = context.sourceCode;
  // Deno hands over all comments above the node, up to the top of the file.
  const doc = source.getCommentsBefore(node)
    .findLast((comment) => comment.type === "Block" && comment.value.startsWith("*"));
  if (doc === undefined) return false;
  const between = source.text.slice(doc.range[1], node.range[0]);
  return between.replaceAll(/^\s*\/\/.*$/gm, "").trim() === "";
}

function isLaterOverload(node: Deno.lint.ExportNamedDeclaration): boolean {
  const before = exportBefore(node)?.declaration;
  return before?.type === "TSDeclareFunction" && !!node.declaration &&
    declaredName(before) === declaredName(node.declaration);
}

/** The statement right before it, where that is an export too. */
function exportBefore(
  node: Deno.lint.ExportNamedDeclaration,
): Deno.lint.ExportNamedDeclaration | undefined {
  if (node.parent.type !== "Program") return undefined;
  const { body } = node.parent;
  const before = body[body.findIndex((each) => each.range[0] === node.range[0]) - 1];
  return before?.type === "ExportNamedDeclaration" ? before : undefined;
}

function declaredName(node: Deno.lint.Node): string | undefined {
  if (node.type === "VariableDeclaration") {
    const id = node.declarations[0]?.id;
    return id?.type === "Identifier" ? id.name : undefined;
  }
  return "id" in node && node.id !== null && "name" in node.id ? node.id.name : undefined;
}
