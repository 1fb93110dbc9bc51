// SPDX-License-Identifier: MIT
/** The DWARF sections of a module, and the values of attributes ("forms") that both line tables and entries have. */
import { DwarfCursor, MalformedDwarf } from './dwarf-cursor.ts';

export type SectionName =
  | '.debug_abbrev'
  | '.debug_addr'
  | '.debug_info'
  | '.debug_line'
  | '.debug_line_str'
  | '.debug_ranges'
  | '.debug_rnglists'
  | '.debug_str'
  | '.debug_str_offsets';

/** The contents of a section; empty when the module has none of that name. */
export type DwarfSections = (name: SectionName) => Uint8Array;

/** A number, a string, or undefined for what nobody here wants to know (blocks, expressions). */
export type FormValue = number | string | undefined;

/** DW_FORM_*. */
export const FORM = {
  addr: 0x01,
  block2: 0x03,
  block4: 0x04,
  data2: 0x05,
  data4: 0x06,
  data8: 0x07,
  string: 0x08,
  block: 0x09,
  block1: 0x0a,
  data1: 0x0b,
  flag: 0x0c,
  sdata: 0x0d,
  strp: 0x0e,
  udata: 0x0f,
  ref_addr: 0x10,
  ref1: 0x11,
  ref2: 0x12,
  ref4: 0x13,
  ref8: 0x14,
  ref_udata: 0x15,
  indirect: 0x16,
  sec_offset: 0x17,
  exprloc: 0x18,
  flag_present: 0x19,
  strx: 0x1a,
  addrx: 0x1b,
  ref_sup4: 0x1c,
  strp_sup: 0x1d,
  data16: 0x1e,
  line_strp: 0x1f,
  ref_sig8: 0x20,
  implicit_const: 0x21,
  loclistx: 0x22,
  rnglistx: 0x23,
  ref_sup8: 0x24,
  strx1: 0x25,
  strx2: 0x26,
  strx3: 0x27,
  strx4: 0x28,
  addrx1: 0x29,
  addrx2: 0x2a,
  addrx3: 0x2b,
  addrx4: 0x2c,
} as const;

/**
 * Bytes of the forms that are numbers of a fixed size, offsets of strings and indices into .debug_str_offsets and .debug_addr
 * among them.
 */
const FIXED = new Map<number, number>([
  [FORM.addr, 4],
  [FORM.data1, 1],
  [FORM.data2, 2],
  [FORM.data4, 4],
  [FORM.data8, 8],
  [FORM.flag, 1],
  [FORM.ref_addr, 4],
  [FORM.ref1, 1],
  [FORM.ref2, 2],
  [FORM.ref4, 4],
  [FORM.ref8, 8],
  [FORM.sec_offset, 4],
  [FORM.strp, 4],
  [FORM.line_strp, 4],
  [FORM.ref_sup4, 4],
  [FORM.strp_sup, 4],
  [FORM.ref_sig8, 8],
  [FORM.ref_sup8, 8],
  [FORM.strx1, 1],
  [FORM.strx2, 2],
  [FORM.strx3, 3],
  [FORM.strx4, 4],
  [FORM.addrx1, 1],
  [FORM.addrx2, 2],
  [FORM.addrx3, 3],
  [FORM.addrx4, 4],
]);

/**
 * Reads one value. What refers to another section (strp, strx, addrx, rnglistx) is given as the number that it is; `constant`:
 * that of DW_FORM_implicit_const.
 */
export function readForm(cursor: DwarfCursor, form: number, constant = 0): FormValue {
  const size = FIXED.get(form);
  if (size !== undefined) return cursor.uint(size);
  switch (form) {
    case FORM.string:
      return cursor.text();
    case FORM.sdata:
      return cursor.sleb();
    case FORM.udata:
    case FORM.ref_udata:
    case FORM.strx:
    case FORM.addrx:
    case FORM.loclistx:
    case FORM.rnglistx:
      return cursor.uleb();
    case FORM.flag_present:
      return 1;
    case FORM.implicit_const:
      return constant;
    case FORM.data16:
      return void cursor.skip(16);
    case FORM.block1:
      return void cursor.skip(cursor.uint(1));
    case FORM.block2:
      return void cursor.skip(cursor.uint(2));
    case FORM.block4:
      return void cursor.skip(cursor.uint(4));
    case FORM.block:
    case FORM.exprloc:
      return void cursor.skip(cursor.uleb());
  }
  throw new MalformedDwarf(`form 0x${form.toString(16)} is not known`);
}

/** The string that a value of a form is or refers to. */
export function textOf(value: FormValue, form: number, sections: DwarfSections): string | undefined {
  if (typeof value !== 'number') return value;
  if (form === FORM.strp) return new DwarfCursor(sections('.debug_str'), value).text();
  return form === FORM.line_strp ? new DwarfCursor(sections('.debug_line_str'), value).text() : undefined;
}

/** Does the form count from the unit's first byte? */
export const isUnitReference = (form: number) => form >= FORM.ref1 && form <= FORM.ref_udata;
export const isStringIndex = (form: number) => form === FORM.strx || (form >= FORM.strx1 && form <= FORM.strx4);
export const isAddressIndex = (form: number) => form === FORM.addrx || (form >= FORM.addrx1 && form <= FORM.addrx4);
