import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeWorkerFrame } from "./decode_frame.ts";

Deno.test("decodeWorkerFrame() takes what boot code sends", () => {
  const frames = [
    '[[0,1,{"a":[1]}]]',
    '[[1,1,"FAILED","no",null,null],[1,2,"X","y",true,{"z":1}]]',
    '[[2,1,0.5,"half"],[2,1,null,""]]',
    '[[3,1,0,"line",null],[3,1,3,"line",{"a":1}]]',
    '[[4,1,7,"step",null,null],[4,1,8,"step",{},[1.5,2.25]]]',
    '[[12,1,"step","FAILED",[1.5,1.5]]]',
    '[[5,"name",["a","b"],0,false,{"name":"a"}],[5,"name",[],1,true,null]]',
    '[[13,1,1,"words",null,5],[13,1,2,"words","code.measure",20]]',
    '[[7,1,1,"actor://a/b","add",{"by":1},null],[7,1,2,"topic:x","t",null,{"lane":"high"}]]',
    '[[8,1,3,"actor://a","add",[],{"ttlMs":5,"id":"x","isDurable":true,"tags":["a"]}]]',
    "[[9,1,3]]",
    '[[10,1,4,{"n":1}]]',
    '[[11,1,2,"FAILED","boom"]]',
    '[[6,"AGENT_INVALID","why"]]',
    "[]",
  ];
  for (const frame of frames) assert.deepEqual(decodeWorkerFrame(frame), JSON.parse(frame));
});

Deno.test("decodeWorkerFrame() refuses everything else", () => {
  const frames = [
    "",
    "nonsense",
    "{}",
    "null",
    "1",
    "[1]",
    "[[]]",
    "[[0,1]]",
    '[[0,"1",1]]',
    "[[0,1,2,3]]",
    '[[1,1,"FAILED","no",null]]',
    '[[1,1,"FAILED",5,null,null]]',
    '[[1,1,"FAILED","no",1,null]]',
    '[[1,1,"FAILED","no",null,[]]]',
    '[[2,1,1.5,"too much"]]',
    '[[2,1,-0.1,""]]',
    '[[3,1,4,"no such level",null]]',
    '[[3,1,"map","x",null]]',
    '[[4,1,1,"step",null]]',
    '[[4,1,0.5,"step",null,null]]',
    "[[4,1,1,2,null,null]]",
    '[[4,1,1,"step",null,[2,1]]]',
    '[[4,1,1,"step",null,[-1,1]]]',
    '[[4,1,1,"step",null,["1",2]]]',
    '[[4,1,1,"step",null,[1,2,3]]]',
    '[[12,1,"step","FAILED",null]]',
    '[[12,1,"step",5,[1,2]]]',
    '[[5,"name",[1],0,false,null]]',
    '[[5,"name",{},0,false,null]]',
    '[[5,"name",[],2,false,null]]',
    '[[5,"name",[],0,0,null]]',
    '[[5,"name",[],0,false]]',
    '[[13,1,1,"words",null,1.5]]',
    '[[13,1,"1","words",null,5]]',
    '[[13,1,1,"words",7,5]]',
    '[[13,1,1,["words"],null,5]]',
    '[[7,1,1,"actor://a/b","add",1]]',
    '[[7,1,1.5,"actor://a/b","add",1,null]]',
    '[[7,1,1,"actor://a/b","add",1,{"colour":1}]]',
    '[[7,1,1,"actor://a/b","add",1,{"__proto__":1}]]',
    '[[8,1,1,"actor://a/b","add",1,{"ttlMs":-1}]]',
    '[[8,1,1,"actor://a/b","add",1,{"id":""}]]',
    '[[8,1,1,"actor://a/b","add",1,[]]]',
    "[[9,1]]",
    '[[10,1,"4",{}]]',
    '[[11,1,2,"FAILED",null]]',
    '[["__proto__",1,1]]',
    "[[12,1,1]]",
    '[[0,1,1],["x"]]',
  ];
  for (const frame of frames) assert.equal(decodeWorkerFrame(frame), null, frame);
});

Deno.test("decodeWorkerFrame() never throws", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
    decodeWorkerFrame(text);
  }));
});

Deno.test("decodeWorkerFrame() leaves prototypes alone", () => {
  const [item] = decodeWorkerFrame('[[0,1,{"__proto__":{"polluted":1}}]]')!;
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
  assert.equal(JSON.stringify(item![2]), '{"__proto__":{"polluted":1}}');
});
