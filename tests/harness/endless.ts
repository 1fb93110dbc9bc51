// SPDX-License-Identifier: MIT
/**
 * Programs that compute without end, one for each shape of code that can: what polls (src/wasm/safepoints.ts) must be able to
 * interrupt. Functions of a module in the text format, of which the one named "run" is exported and never returns. `WORK n` stands
 * where about n instructions are executed each time.
 */

/** Functions without loops that call each other twice, so deep: no end in sight. */
const TREE_DEPTH = 60;

export const ENDLESS: Readonly<Record<string, string>> = {
  'a loop': '(func (export "run") loop WORK 2 br 0 end)',
  'a loop that branches by a table': '(func (export "run") loop WORK 3 i32.const 0 br_table 0 0 end)',
  'a loop in a called function, called in a loop that ends': `(func $inner loop WORK 2 br 0 end)
     (func (export "run") (local $i i32)
       loop call $inner (br_if 0 (local.tee $i (i32.add (local.get $i) (i32.const 1)))) end)`,
  'loops nested across four functions, each of which ends soon': [0, 1, 2, 3]
    .map(
      (depth) => `(func $f${depth} ${depth === 0 ? '(export "run")' : ''} (local $i i32) loop
          WORK 9 ${depth === 3 ? 'nop' : `call $f${depth + 1}`}
          (br_if 0 (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 900))) end)`,
    )
    .join('\n'),
  'recursion that branches out': `(func (export "run") (drop (call $fibonacci (i32.const 60))))
     (func $fibonacci (param i32) (result i32)
       WORK 8
       (if (result i32) (i32.lt_s (local.get 0) (i32.const 2)) (then (local.get 0))
         (else (i32.add (call $fibonacci (i32.sub (local.get 0) (i32.const 1)))
                        (call $fibonacci (i32.sub (local.get 0) (i32.const 2)))))))`,
  'a tree of calls without loop or recursion': Array.from(
    { length: TREE_DEPTH },
    (_, i) => `(func $t${i} ${i === 0 ? '(export "run")' : ''}
       WORK 3 ${i < TREE_DEPTH - 1 ? `call $t${i + 1} call $t${i + 1}` : ''})`,
  ).join('\n'),
  'tail calls in a circle': '(func $a (export "run") WORK 1 return_call $b) (func $b WORK 1 return_call $a)',
  'indirect calls in a circle': `(type $v (func (param i32))) (table 2 funcref) (elem (i32.const 0) $c $d)
     (func $c (param i32) WORK 7 (if (local.get 0) (then
       (call_indirect (type $v) (i32.sub (local.get 0) (i32.const 1)) (i32.const 1)))))
     (func $d (param i32) WORK 6
       (call_indirect (type $v) (local.get 0) (i32.const 0))
       (call_indirect (type $v) (local.get 0) (i32.const 0)))
     (func (export "run") (call $c (i32.const 100)))`,
  'indirect tail calls in a circle': `(type $v (func)) (table 2 funcref) (elem (i32.const 0) $a $b)
     (func $a (export "run") WORK 2 i32.const 1 return_call_indirect (type $v))
     (func $b WORK 2 i32.const 0 return_call_indirect (type $v))`,
};

/** Each `WORK n` of a text replaced by code. */
export const withWork = (text: string, code: (instructions: number) => string): string =>
  text.replaceAll(/WORK (\d+)/g, (_, instructions) => code(Number(instructions)));

/** The functions as they are. */
export const withoutWork = (text: string): string => withWork(text, () => '');
