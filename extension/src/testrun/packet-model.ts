import type { PacketDump, PacketField, PacketLayer } from 'kernel-gateway/protocol';

/** Bytes of a row of the hex view. */
export const ROW_BYTES = 16;

/** A field and the header that it stands in. */
export interface IFieldPlace {
  layer: PacketLayer;
  field: PacketField;
}

/** A packet as the view asks about it. Bytes and their fields are looked up by offset. */
export class PacketModel {
  constructor(dump: PacketDump) {
    this._dump = dump;
    this.bytes = Uint8Array.from(dump.hex.match(/../g) ?? [], pair => parseInt(pair, 16));
    this._changed = new Set(
      dump.changed.flatMap(([start, end]) => Array.from({ length: end - start }, (_, index) => start + index))
    );
  }

  readonly bytes: Uint8Array;

  get layers(): readonly PacketLayer[] {
    return this._dump.layers;
  }

  /** Whether the program has written the byte, or put it in. */
  isChanged(at: number): boolean {
    return this._changed.has(at);
  }

  /** Whether any byte of the field is changed. */
  isFieldChanged(field: PacketField): boolean {
    const { start, end } = fieldBytes(field);
    for (let at = start; at < end; at++) {
      if (this._changed.has(at)) {
        return true;
      }
    }
    return false;
  }

  /** The header that a byte is in, by its number; -1 behind the last one. */
  layerAt(at: number): number {
    return this.layers.findIndex(layer => at >= layer.offset && at < layer.offset + layer.size);
  }

  /** Fields that have a part in a byte: more than one where they are shorter than a byte. */
  fieldsAt(at: number): IFieldPlace[] {
    const layer = this.layers[this.layerAt(at)];
    if (layer === undefined) {
      return [];
    }
    return layer.fields
      .filter(field => {
        const { start, end } = fieldBytes(field);
        return at >= start && at < end;
      })
      .map(field => ({ layer, field }));
  }

  private readonly _dump: PacketDump;
  private readonly _changed: ReadonlySet<number>;
}

/** The bytes that a field has a part of, [start, end). */
export function fieldBytes(field: PacketField): { start: number; end: number } {
  return {
    start: Math.floor(field.bit_offset / 8),
    end: Math.ceil((field.bit_offset + field.bit_size) / 8)
  };
}

/** Where an arrow, Home, End or Page key leads from a byte; null for other keys. */
export function nextByte(key: string, at: number, count: number): number | null {
  const steps: Record<string, number> = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    ArrowUp: at - ROW_BYTES,
    ArrowDown: at + ROW_BYTES,
    Home: at - (at % ROW_BYTES),
    End: at - (at % ROW_BYTES) + ROW_BYTES - 1,
    PageUp: at % ROW_BYTES,
    PageDown: count - 1
  };
  const next = steps[key];
  if (next === undefined) {
    return null;
  }
  const isVertical = key === 'ArrowUp' || key === 'ArrowDown';
  if (isVertical && (next < 0 || next >= count)) {
    return at;
  }
  return Math.max(0, Math.min(count - 1, next));
}

/** A byte as a character, a dot where it is none. */
export function characterOf(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
}
