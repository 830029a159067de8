import assert from "node:assert/strict";
import { type Parsed, parseLine } from "../../lib/transport/jsonrpc.ts";

const encode = (text: string) => new TextEncoder().encode(text);

function parse(text: string): Parsed[] {
  return parseLine({ type: "line", bytes: encode(text) }, 1000);
}

function answers(parsed: readonly Parsed[]): [string | number | null, number][] {
  return parsed.flatMap((one) =>
    one.type === "rejected" ? [[one.answer.id, one.answer.error.code]] : []
  );
}

function overlongId(head: string, tail: string): string | number | null | undefined {
  const [parsed] = parseLine(
    { type: "overlong", length: 5000, head: encode(head), tail: encode(tail) },
    1000,
  );
  return parsed?.type === "rejected" ? parsed.answer.id : undefined;
}

Deno.test("parseLine() reads requests, notifications and responses", () => {
  const texts = [
    '{"jsonrpc":"2.0","id":1,"method":"ping"}',
    '{"jsonrpc":"2.0","method":"notifications/initialized"}\r',
    '{"jsonrpc":"2.0","id":"a","result":{}}',
  ];
  for (const text of texts) {
    assert.deepEqual(parse(text), [{ type: "message", message: JSON.parse(text) }]);
  }
});

Deno.test("parseLine() finds nothing in an empty line", () => {
  assert.deepEqual(["", "\r", "  \t"].flatMap(parse), []);
});

Deno.test("parseLine() answers a parse error to what is not JSON", () => {
  for (const text of ["x", "{", '{"jsonrpc":"2.0","id":1', "{}{}"]) {
    assert.deepEqual(answers(parse(text)), [[null, -32700]]);
  }
});

Deno.test("parseLine() answers a parse error to what is not UTF-8", () => {
  const bytes = Uint8Array.of(0x22, 0xff, 0x22);
  assert.deepEqual(answers(parseLine({ type: "line", bytes }, 1000)), [[null, -32700]]);
});

Deno.test("parseLine() answers an invalid request under its id", () => {
  assert.deepEqual(answers(parse('{"id":7,"method":"ping"}')), [[7, -32600]]);
  assert.deepEqual(answers(parse('{"jsonrpc":"2.0","id":"a","method":5}')), [["a", -32600]]);
  assert.deepEqual(answers(parse('{"jsonrpc":"2.0","id":1,"method":"a","params":5}')), [
    [1, -32600],
  ]);
  for (const text of ["42", '"text"', "null", "true", "{}", '{"jsonrpc":"2.0"}']) {
    assert.deepEqual(answers(parse(text)), [[null, -32600]]);
  }
});

Deno.test("parseLine() answers no response, however wrong", () => {
  const [parsed] = parse('{"jsonrpc":"2.0","id":1,"error":"no object"}');
  assert.equal(parsed?.type, "ignored");
});

Deno.test("parseLine() takes a batch apart", () => {
  const parsed = parse('[{"jsonrpc":"2.0","id":1,"method":"ping"},7]');
  assert.deepEqual(parsed.map(({ type }) => type), ["message", "rejected"]);
  assert.deepEqual(answers(parse("[]")), [[null, -32600]]);
  assert.deepEqual(answers(parse(`[${"1,".repeat(100)}1]`)), [[null, -32600]]);
});

Deno.test("parseLine() names size and limit of an overlong line", () => {
  const empty = encode("");
  const [parsed] = parseLine({ type: "overlong", length: 5000, head: empty, tail: empty }, 1000);
  assert.ok(parsed?.type === "rejected");
  assert.equal(
    parsed.answer.error.message,
    "Cannot read a message of 5000 bytes: the limit is 1000",
  );
});

Deno.test("parseLine() finds the id at either end of an overlong line", () => {
  assert.equal(overlongId('{"jsonrpc":"2.0","id":12,"method":"x"', "xxx"), 12);
  assert.equal(overlongId('{ "id" : "a-1", "jsonrpc"', "xxx"), "a-1");
  assert.equal(overlongId("{xxx", 'xxx"},"jsonrpc":"2.0","id":3}\r'), 3);
  assert.equal(overlongId("{xxx", 'xxx"},"id":"b","jsonrpc":"2.0"}'), "b");
});

Deno.test("parseLine() takes no id for the message's that may be another's", () => {
  assert.equal(overlongId('{"params":{"id":1,', "xxx"), null);
  assert.equal(overlongId("{xxx", 'xxx,"id":1}}'), null);
  assert.equal(overlongId("{xxx", String.raw`xxx,\"id\":1}"}`), null);
  assert.equal(overlongId("{xxx", '"params":{"id":1},"method":"x"}'), null);
});

Deno.test("parseLine() keeps the digits of integers in arguments", () => {
  const [parsed] = parse(
    '{"jsonrpc":"2.0","id":1,"method":"x","params":{"arguments":{"serial":9007199254740993}}}',
  );
  assert.ok(parsed?.type === "message" && "params" in parsed.message);
  assert.deepEqual(parsed.message.params, { arguments: { serial: 9007199254740993n } });
});
