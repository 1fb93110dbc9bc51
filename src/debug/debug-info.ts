// SPDX-License-Identifier: MIT
/**
 * The entries of .debug_info (DWARF 4 and 5), as far as they tell which functions, inlined ones among them, an address lies
 * in, and which unit's line table knows it. Parsed when something is asked; the units' first entries are kept.
 */
import { DwarfCursor, MalformedDwarf } from './dwarf-cursor.ts';
import {
  type DwarfSections,
  FORM,
  type FormValue,
  isAddressIndex,
  isStringIndex,
  isUnitReference,
  readForm,
  textOf,
} from './dwarf-sections.ts';
import { isDead } from './line-table.ts';

/** DW_TAG_* and DW_AT_*. */
const TAG = { compile_unit: 0x11, inlined_subroutine: 0x1d, subprogram: 0x2e, skeleton_unit: 0x4a } as const;
const ATTRIBUTE = {
  name: 0x03,
  stmt_list: 0x10,
  low_pc: 0x11,
  high_pc: 0x12,
  abstract_origin: 0x31,
  specification: 0x47,
  ranges: 0x55,
  call_file: 0x58,
  call_line: 0x59,
  str_offsets_base: 0x72,
  addr_base: 0x73,
  rnglists_base: 0x74,
} as const;

/** DW_RLE_*. */
const RANGE = {
  end_of_list: 0,
  base_addressx: 1,
  startx_endx: 2,
  startx_length: 3,
  offset_pair: 4,
  base_address: 5,
  start_end: 6,
  start_length: 7,
} as const;

/** What no compiler exceeds; neither memory nor time is to be spent on what a hostile program says. */
const MOST_UNITS = 2 ** 16;
const MOST_ABBREVIATIONS = 2 ** 18;
/** All that are read in the life of a DebugInfo. */
const MOST_ENTRIES = 20_000_000;

/** How often a name is looked for in another entry. */
const MOST_REFERENCES = 8;

interface Abbreviation {
  readonly tag: number;
  readonly attributes: readonly { readonly name: number; readonly form: number; readonly constant: number }[];
}

interface Attribute {
  readonly form: number;
  readonly value: FormValue;
}

interface Entry {
  readonly tag: number;
  readonly attributes: ReadonlyMap<number, Attribute>;
}

/** An address range, the end outside. */
type Range = readonly [begin: number, end: number];

export interface Unit {
  readonly version: number;
  /** Of the unit's first byte, in .debug_info. */
  readonly begin: number;
  readonly firstEntry: number;
  readonly end: number;
  readonly abbreviations: ReadonlyMap<number, Abbreviation>;
  readonly root: Entry;
  /** Where its line table is, if it has one. */
  readonly lines: number | undefined;
}

/** A function that an address lies in. */
export interface FunctionScope {
  readonly name: string | undefined;
  /** Of an inlined function: where it was called, the file by its number in the unit's line table. */
  readonly call: { readonly file: number; readonly line: number } | undefined;
}

export class DebugInfo {
  readonly #sections: DwarfSections;
  #units: Unit[] | undefined;
  readonly #abbreviations = new Map<number, ReadonlyMap<number, Abbreviation>>();

  #abbreviationCount = 0;
  #entryCount = 0;

  constructor(sections: DwarfSections) {
    this.#sections = sections;
  }

  /** The unit that an address belongs to. Throws MalformedDwarf. */
  unitOf(address: number): Unit | undefined {
    this.#units ??= this.#readUnits();
    return this.#units.find((unit) => this.#contains(unit, unit.root, address));
  }

  /** The functions that an address of the unit lies in, outermost first: a real one, then those inlined into it. */
  scopesOf(unit: Unit, address: number): FunctionScope[] {
    const scopes: FunctionScope[] = [];
    const cursor = new DwarfCursor(this.#sections('.debug_info'), unit.firstEntry, unit.end);
    while (!cursor.atEnd) {
      const entry = this.#readEntry(unit, cursor);
      if (entry?.tag !== TAG.subprogram && entry?.tag !== TAG.inlined_subroutine) continue;
      if (!this.#contains(unit, entry, address)) continue;
      const file = numberOf(entry, ATTRIBUTE.call_file);
      const line = numberOf(entry, ATTRIBUTE.call_line);
      scopes.push({
        name: this.#nameOf(unit, entry),
        call: entry.tag === TAG.inlined_subroutine ? { file: file ?? 0, line: line ?? 0 } : undefined,
      });
    }
    return scopes;
  }

  #readUnits(): Unit[] {
    const units: Unit[] = [];
    const section = new DwarfCursor(this.#sections('.debug_info'));
    while (!section.atEnd) {
      const begin = section.position;
      const unit = this.#readUnit(begin, section.unit());
      if (unit) units.push(unit);
      if (units.length > MOST_UNITS) throw new MalformedDwarf('there are too many units');
    }
    return units;
  }

  /** Undefined for a unit of types. */
  #readUnit(begin: number, cursor: DwarfCursor): Unit | undefined {
    const version = cursor.uint(2);
    if (version < 2 || version > 5) throw new MalformedDwarf(`units of version ${version} are not read`);
    let abbreviationsAt: number;
    if (version >= 5) {
      const kind = cursor.u8();
      cursor.skip(1);
      abbreviationsAt = cursor.uint(4);
      if (kind === 4 || kind === 5) cursor.skip(8);
    } else {
      abbreviationsAt = cursor.uint(4);
      cursor.skip(1);
    }
    const firstEntry = cursor.position;
    const abbreviations = this.#abbreviationsAt(abbreviationsAt);
    const bare = { version, begin, firstEntry, end: cursor.end, abbreviations };
    const root = this.#readEntry(bare, cursor);
    if (root?.tag !== TAG.compile_unit && root?.tag !== TAG.skeleton_unit) return undefined;
    return { ...bare, root, lines: numberOf(root, ATTRIBUTE.stmt_list) };
  }

  #abbreviationsAt(offset: number): ReadonlyMap<number, Abbreviation> {
    const known = this.#abbreviations.get(offset);
    if (known) return known;
    const abbreviations = new Map<number, Abbreviation>();
    const cursor = new DwarfCursor(this.#sections('.debug_abbrev'), offset);
    for (let code = cursor.uleb(); code !== 0; code = cursor.uleb()) {
      const tag = cursor.uleb();
      cursor.skip(1);
      const attributes: Abbreviation['attributes'][number][] = [];
      for (;;) {
        const name = cursor.uleb();
        const form = cursor.uleb();
        const constant = form === FORM.implicit_const ? cursor.sleb() : 0;
        if (name === 0 && form === 0) break;
        attributes.push({ name, form, constant });
      }
      abbreviations.set(code, { tag, attributes });
      if (++this.#abbreviationCount > MOST_ABBREVIATIONS) throw new MalformedDwarf('there are too many abbreviations');
    }
    this.#abbreviations.set(offset, abbreviations);
    return abbreviations;
  }

  /** The entry at the cursor; undefined for the end of a list of children. */
  #readEntry({ abbreviations }: Pick<Unit, 'abbreviations'>, cursor: DwarfCursor): Entry | undefined {
    if (++this.#entryCount > MOST_ENTRIES) throw new MalformedDwarf('there are too many entries');
    const code = cursor.uleb();
    if (code === 0) return undefined;
    const abbreviation = abbreviations.get(code);
    if (!abbreviation) throw new MalformedDwarf(`abbreviation ${code} is missing`);
    const attributes = new Map<number, Attribute>();
    for (const { name, form, constant } of abbreviation.attributes) {
      const actual = form === FORM.indirect ? cursor.uleb() : form;
      attributes.set(name, { form: actual, value: readForm(cursor, actual, constant) });
    }
    return { tag: abbreviation.tag, attributes };
  }

  #nameOf(unit: Unit, entry: Entry): string | undefined {
    let inside = unit;
    let current = entry;
    for (let reference = 0; reference < MOST_REFERENCES; reference++) {
      const name = current.attributes.get(ATTRIBUTE.name);
      if (name) return this.#text(inside, name);
      const other =
        current.attributes.get(ATTRIBUTE.abstract_origin) ?? current.attributes.get(ATTRIBUTE.specification);
      if (typeof other?.value !== 'number') return undefined;
      const offset = isUnitReference(other.form) ? inside.begin + other.value : other.value;
      const home = this.#units?.find(({ begin, end }) => begin <= offset && offset < end);
      const found = home && this.#readEntry(home, new DwarfCursor(this.#sections('.debug_info'), offset, home.end));
      if (!found) return undefined;
      inside = home;
      current = found;
    }
    return undefined;
  }

  #text(unit: Unit, { form, value }: Attribute): string | undefined {
    if (typeof value !== 'number' || !isStringIndex(form)) return textOf(value, form, this.#sections);
    const base = numberOf(unit.root, ATTRIBUTE.str_offsets_base) ?? 8;
    const offset = new DwarfCursor(this.#sections('.debug_str_offsets'), base + value * 4).uint(4);
    return new DwarfCursor(this.#sections('.debug_str'), offset).text();
  }

  #address(unit: Pick<Unit, 'root'>, { form, value }: Attribute): number | undefined {
    if (typeof value !== 'number') return undefined;
    return isAddressIndex(form) ? this.#indexedAddress(unit, value) : value;
  }

  #indexedAddress({ root }: Pick<Unit, 'root'>, index: number): number {
    const base = numberOf(root, ATTRIBUTE.addr_base) ?? 8;
    return new DwarfCursor(this.#sections('.debug_addr'), base + index * 4).uint(4);
  }

  #contains(unit: Unit, entry: Entry, address: number): boolean {
    for (const [begin, end] of this.#rangesOf(unit, entry)) {
      if (begin <= address && address < end && !isDead(begin)) return true;
    }
    return false;
  }

  #rangesOf(unit: Unit, { attributes }: Entry): Iterable<Range> {
    const ranges = attributes.get(ATTRIBUTE.ranges);
    const lowAttribute = attributes.get(ATTRIBUTE.low_pc);
    if (ranges && typeof ranges.value === 'number') {
      const rootLow = unit.root.attributes.get(ATTRIBUTE.low_pc);
      const base = (rootLow && this.#address(unit, rootLow)) ?? 0;
      return unit.version >= 5 ? this.#rangeList5(unit, ranges, base) : this.#rangeList4(ranges.value, base);
    }
    const high = attributes.get(ATTRIBUTE.high_pc);
    const low = lowAttribute && this.#address(unit, lowAttribute);
    if (low === undefined || typeof high?.value !== 'number') return [];
    const isAddress = high.form === FORM.addr || isAddressIndex(high.form);
    return [[low, isAddress ? (this.#address(unit, high) ?? 0) : low + high.value]];
  }

  *#rangeList4(offset: number, unitBase: number): Iterable<Range> {
    const cursor = new DwarfCursor(this.#sections('.debug_ranges'), offset);
    let base = unitBase;
    for (;;) {
      const begin = cursor.uint(4);
      const end = cursor.uint(4);
      if (begin === 0 && end === 0) return;
      if (begin === 0xffffffff) base = end;
      else if (begin !== 0xfffffffe) yield [base + begin, base + end];
    }
  }

  *#rangeList5(unit: Unit, { form, value }: Attribute, unitBase: number): Iterable<Range> {
    const section = this.#sections('.debug_rnglists');
    let offset = Number(value);
    if (form === FORM.rnglistx) {
      const table = numberOf(unit.root, ATTRIBUTE.rnglists_base) ?? 12;
      offset = table + new DwarfCursor(section, table + offset * 4).uint(4);
    }
    const cursor = new DwarfCursor(section, offset);
    const indexed = () => this.#indexedAddress(unit, cursor.uleb());
    let base = unitBase;
    for (;;) {
      const kind = cursor.u8();
      switch (kind) {
        case RANGE.end_of_list:
          return;
        case RANGE.base_addressx:
          base = indexed();
          break;
        case RANGE.base_address:
          base = cursor.uint(4);
          break;
        case RANGE.startx_endx:
          yield [indexed(), indexed()];
          break;
        case RANGE.startx_length: {
          const begin = indexed();
          yield [begin, begin + cursor.uleb()];
          break;
        }
        case RANGE.offset_pair: {
          const begin = base + cursor.uleb();
          const end = base + cursor.uleb();
          if (!isDead(base) || base === 0) yield [begin, end];
          break;
        }
        case RANGE.start_end:
          yield [cursor.uint(4), cursor.uint(4)];
          break;
        case RANGE.start_length: {
          const begin = cursor.uint(4);
          yield [begin, begin + cursor.uleb()];
          break;
        }
        default:
          throw new MalformedDwarf(`a range of kind ${kind} is not known`);
      }
    }
  }
}

function numberOf({ attributes }: Entry, name: number): number | undefined {
  const value = attributes.get(name)?.value;
  return typeof value === 'number' ? value : undefined;
}
