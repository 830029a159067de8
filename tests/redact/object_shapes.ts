/** Objects of every shape that leads somewhere else in the search, by how many parts they are to have. */

const many = <Value>(size: number, make: (at: number) => Value) =>
  Array.from({ length: size }, (_, at) => make(at));

const record = (size: number, value: (at: number) => unknown, key = (at: number) => `k${at}`) =>
  Object.fromEntries(many(size, (at) => [key(at), value(at)]));

/** Levels around a value: more of them with more parts, up to as many as are looked through. */
const levelsOf = (size: number) => Math.ceil(size / 22);
const nested = (
  size: number,
  value: unknown,
  level: (inner: unknown, at: number) => unknown,
  levels = levelsOf(size),
) => many(levels, (at) => at).reduce(level, value);

const words = (size: number) => many(size, (at) => `the words of ${at}`);
const hidden = (at: number) => `hunter2-${at}`;
const TEXT_LEVELS = 4;

/** The shapes, by what they are. */
export const SHAPES: Readonly<Record<string, (size: number) => unknown>> = {
  "pairs in pairs": (size) =>
    nested(size, words(size), (c, at) => ({ name: "password", value: hidden(at), c })),
  "lists in lists": (size) => nested(size, words(size), (c) => [c, "--password", "hunter2"]),
  "managed fields in managed fields": (size) =>
    nested(size, words(size), (c) => ({ managedFields: [c] })),
  "managed fields with values": (size) =>
    nested(
      size,
      words(size),
      (c) => ({ managedFields: [{ "v:x": 1, fieldsType: "FieldsV1", c }] }),
    ),
  "Secrets in Secrets": (size) =>
    nested(size, record(size, hidden), (data) => ({ kind: "Secret", data })),
  "stringData in stringData": (size) =>
    nested(size, record(size, hidden), (stringData) => ({ stringData })),
  "long keys in long keys": (size) =>
    nested(size, { a: words(size), ...record(size, hidden, (at) => `password${at}`) }, (c, at) => ({
      [`${"k".repeat(1_500)}${at}`]: c,
    })),
  "lists and objects in turn": (size) =>
    nested(
      size,
      "x",
      (c, at) =>
        at % 2 ? [c, words(size / levelsOf(size))] : { c, d: words(size / levelsOf(size)) },
    ),
  "tables in tables": (size) =>
    nested(size, words(size), (object, at) => ({
      kind: "Table",
      columnDefinitions: [{ name: "Password" }],
      rows: [{ cells: [hidden(at)], object }],
    })),
  "JSON in JSON": (size) =>
    nested(size, record(size, hidden, (at) => `password${at}`), (inner) => ({
      a: JSON.stringify(inner),
    }), TEXT_LEVELS),
  "harmless JSON in JSON": (size) =>
    nested(size, words(size), (inner) => ({ a: JSON.stringify(inner) }), TEXT_LEVELS),
  "many strings of JSON": (size) => many(size, (at) => JSON.stringify({ password: hidden(at) })),
  "brackets": (size) => ({ a: `[${"{".repeat(size)}]` }),
  "many strings": words,
  "many passwords": (size) => record(size, hidden, (at) => `password${at}`),
  "names and values": (size) => many(size, (at) => ({ name: "DB_PASSWORD", value: hidden(at) })),
  "environment": (size) => ({
    spec: {
      containers: [{ env: many(size, (at) => ({ name: `PASSWORD_${at}`, value: hidden(at) })) }],
    },
  }),
  "members of one name": (size) => many(size, () => ({ name: "a", value: "b" })),
  "members of many names": (size) => ({ list: many(size, (at) => ({ name: `a${at}`, at })) }),
  "keys of a thousand letters": (size) =>
    record(size / 10, hidden, (at) => `${"k".repeat(1_000)}${at}`),
  "one long key": (size) => ({ ["key-".repeat(size)]: "x" }),
  "keys with passwords": (size) => record(size, () => 1, (at) => `https://u:p${at}@host`),
  "managed fields": (size) => ({
    metadata: {
      managedFields: many(size, (at) => ({
        manager: `m${at}`,
        operation: "Update",
        fieldsType: "FieldsV1",
        fieldsV1: { "f:data": { [`f:${at}`]: {} } },
      })),
    },
  }),
  "managed fields with keys": (size) => ({
    metadata: {
      managedFields: many(size, (at) => ({
        manager: `m${at}`,
        fieldsType: "FieldsV1",
        fieldsV1: { "f:list": { [`k:{"password":"${hidden(at)}"}`]: {} } },
      })),
    },
  }),
  "a list of Secrets": (size) => ({
    kind: "List",
    items: many(size, (at) => ({
      kind: "Secret",
      metadata: { name: `s${at}` },
      data: { a: btoa(hidden(at)) },
    })),
  }),
  "custom resources": (size) => ({
    items: many(size, (at) => ({
      apiVersion: "example.com/v1",
      kind: "Foo",
      spec: { at, auth: { token: hidden(at) } },
      status: { conditions: [{ type: "Ready", message: "it is ready now" }] },
    })),
  }),
  "a table": (size) => ({
    kind: "Table",
    columnDefinitions: [{ name: "Name" }, { name: "Password" }],
    rows: many(size, (at) => ({ cells: [`a${at}`, hidden(at)] })),
  }),
  "a table of many columns": (size) => ({
    kind: "Table",
    columnDefinitions: many(size, (at) => ({ name: `Password${at}` })),
    rows: [{ cells: many(size, hidden) }],
  }),
  "options of a program": (size) => ({
    command: ["mysql"],
    args: many(size, (at) => at % 2 ? `-p${hidden(at)}` : "-h"),
  }),
  "flags": (size) => ({ args: many(size, (at) => at % 2 ? hidden(at) : "--password") }),
  "short flags": (size) => ({ args: many(size, (at) => at % 2 ? hidden(at) : "-p") }),
  "programs and options": (size) => ({
    command: ["sh"],
    args: many(size, (at) => ["mysql", "-p", hidden(at)][at % 3]),
  }),
  "many lists of arguments": (size) =>
    many(size, (at) => ({ command: ["mysql", "-p"], args: [`-p${at}`] })),
  "numbers": (size) => many(size, (at) => at * 1.5),
  "numbers that are passwords": (size) => many(size, (at) => ({ password: at + 12_345_678 })),
  "escapes": (size) => many(size, (at) => `"\\\n\t"${at}`),
  "halves of surrogates": (size) => many(size, (at) => `\u{1F511}\ud800${at}`),
  "letters of other alphabets": (size) => ({ a: "pässwörd ☃ ".repeat(size) }),
  "a long text": (size) => ({ a: "word ".repeat(size) }),
  "a long random text": (size) => ({ a: "q7XbZ2mPw9LrT4vKs8YdN3cF".repeat(size) }),
  "random strings": (size) => many(size, (at) => `q7XbZ2mPw9LrT4vKs8YdN3cF${at}`),
  "URLs": (size) => many(size, (at) => `https://user:${hidden(at)}@host/`),
  "Secrets in YAML": (size) => ({ a: "---\nkind: Secret\ndata:\n  a: c2hvcA==\n".repeat(size) }),
  "a Secret in YAML": (size) => ({
    a: `kind: Secret\ndata:\n${many(size, (at) => `  k${at}: c2hvcA==\n`).join("")}`,
  }),
  "a file of variables": (size) => ({
    a: many(size, (at) => `PASSWORD_${at}=${hidden(at)}\n`).join(""),
  }),
  "files of variables": (size) => ({
    kind: "ConfigMap",
    data: record(size, (at) => `password=${hidden(at)}\nuser=a\n`),
  }),
  "tokens of pages": (size) => many(size, (at) => ({ continue: `eyJ2Ijoib${at}` })),
  "certificates": (size) => ({
    kind: "Secret",
    data: {
      a: btoa("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n".repeat(size)),
    },
  }),
  "empty objects": (size) => many(size, () => ({})),
};
